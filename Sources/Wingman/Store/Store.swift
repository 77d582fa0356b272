/// Where jobs live: one method per step of a job's life, each one round trip or one transaction.
///
/// Every store keeps the same promises (design §1) and passes the same conformance suite. A store decides all leases
/// and due times by its own clock; callers hand in delays, never instants read from their own.
///
/// A call that throws ``StoreError`` with ``StoreError/mayHaveRun`` set has an unknown fate. The worker's calls are
/// built so that sending them again is harmless; a push is not, so its caller is told.
public protocol Store: Sendable {
    /// Where this store is, without credentials: `redis://localhost:6379/0`, `sqlite:.wingman/store.db`.
    var location: String { get }

    /// Connects, checks that the server can be used (version, mode, rights) and prepares it.
    ///
    /// - Throws: ``StoreError``, saying what is wrong with the store and what to do about it.
    func open() async throws

    /// Ends all connections. Pending calls fail. Closing again does nothing.
    func close() async

    // MARK: Pushing

    /// Adds jobs to their queues, or to the schedule where ``PushedJob/runAt`` is set, in one round trip.
    ///
    /// Within one queue the order of the array is the order of running.
    func enqueue(_ jobs: [PushedJob]) async throws

    // MARK: A process's life

    /// Registers a process or renews its lease, and publishes what it is doing.
    func beat(_ beat: Beat) async throws -> BeatReply

    /// Unregisters a process that holds nothing any more.
    ///
    /// - Returns: False if it still holds jobs, which stay for the rescuer.
    func leave(_ process: ProcessID) async throws -> Bool

    /// Gives a process up: its lease ends now and everything it holds goes back to its sources.
    ///
    /// Used by a process that finds the store's memory of it older than its own (a lost tail).
    func abandon(_ process: ProcessID) async throws

    /// Moves what dead processes held back to the heads of its sources, oldest first to run.
    ///
    /// - Returns: How many jobs were moved, and whether more are waiting.
    func rescue() async throws -> RescueReply

    // MARK: A lane's life

    /// Settles finished jobs and claims new ones in one atomic step, exactly once per lane and number.
    ///
    /// The same step sent again gives the same answer and does nothing again.
    func step(_ step: Step) async throws -> StepReply

    /// Waits until one of the sources has something to claim, at most `timeout`.
    ///
    /// May bring a job into the process's landing list, from where the next ``step(_:)`` claims it; therefore it is only
    /// called under a confirmed lease.
    ///
    /// - Returns: True if a step should be made now (also when the lease turns out to be gone: the step says which),
    ///   false if the time ran out or the process stops waiting; possibly earlier than `timeout`.
    func wait(for sources: [Source], process: ProcessID, timeout: Duration) async throws -> Bool

    /// Ends the waits of a process for good and puts what had landed, unclaimed, back to the heads of its sources.
    ///
    /// Called at quiet and stop, before jobs are given back: what landed is newer than anything in flight.
    func stopWaiting(process: ProcessID) async throws

    /// Records that everything else this process holds has ended or not begun, so that `token` runs alone: if the process
    /// dies now, it was this job's doing.
    ///
    /// A job that was in flight when a process died is a suspect: its next claim carries ``Claimed/crashes``, and the
    /// worker runs it alone. Only a death while alone counts again; the third crash moves a job to
    /// ``Place/quarantine``, and gives a message back with its count. Any settlement but a give-back clears it.
    ///
    /// - Parameter token: The latest counts; nil records that no job runs alone any more.
    /// - Returns: False if the process has no lease, or does not hold the token (any more).
    func isolate(_ token: Token?, process: ProcessID) async throws -> Bool

    // MARK: Due jobs

    /// The entries of a due set whose time has come by the store's clock, oldest first, and when the next one is due.
    func due(in set: DueSet, limit: Int) async throws -> DueReply

    /// Moves due entries into their queues; each moves only if it is still where it was.
    ///
    /// - Returns: How many moved.
    func promote(_ promotions: [Promotion], from set: DueSet) async throws -> Int

    // MARK: Coordination

    /// Takes, keeps or loses leadership of a role for `duration`.
    ///
    /// - Returns: The fencing term while `process` leads, nil while another does.
    func lead(_ role: String, process: ProcessID, for duration: Duration) async throws -> Int?

    /// Gives leadership up, if `process` has it.
    func resign(_ role: String, process: ProcessID) async throws

    // MARK: What plugins keep

    /// Applies all effects if all conditions hold, in one atomic step. Fails loudly when the store is full.
    func apply(_ change: Change) async throws -> ChangeReply

    /// The values of keys, in their order: a value's bytes, a counter's decimal text, nil where there is none.
    func values(of keys: [StoreKey]) async throws -> [[UInt8]?]

    /// The members of a set, in no order.
    func members(of key: StoreKey) async throws -> [[UInt8]]

    /// Takes the first element of a plain list, waiting for one at most `timeout`. It is not held under a lease: used for
    /// replies, which only their receiver needs.
    ///
    /// - Returns: The element; nil if the time ran out. If the task is cancelled it ends at once: with nil or an error, and has
    ///   taken nothing, or with an element that came just then.
    func receive(from list: String, timeout: Duration) async throws -> [UInt8]?

    // MARK: Inspection

    /// How much is where, by the store's clock.
    func counts() async throws -> StoreCounts

    /// The processes that beat, as published by ``beat(_:)``.
    func processes() async throws -> [ProcessReport]

    /// Executions of the last `minutes` whole minutes and the current one, by class; at most eight hours are kept.
    func executions(lastMinutes minutes: Int) async throws -> [ExecutionMetric]

    /// Which of these jobs are in flight: held by a process, also by a dead one that has not been rescued yet, or on
    /// their way to one. They lie in no ``Place``.
    ///
    /// Looks through all that is in flight, so it is not for every second.
    ///
    /// - Parameter jobIDs: The jids looked for; such as Sidekiq makes, without characters that JSON escapes.
    func inFlight(_ jobIDs: Set<String>) async throws -> Set<String>

    /// Entries of a place: of queues and lists those that are next first, of the retry set and the schedule those due
    /// first, of the dead and the quarantined those that came last first.
    func entries(in place: Place, from offset: Int, limit: Int) async throws -> [Entry]

    /// How many keys each plugin keeps, by its namespace. One that keeps none is left out.
    ///
    /// Looks through all keys, so it is for people and not for every second.
    func keyCounts() async throws -> [String: Int]

    // MARK: Operation

    /// Deletes or moves entries of a place; each only if it is still there, all in one step.
    ///
    /// - Returns: How many were there.
    func edit(_ edits: [EntryEdit], in place: Place) async throws -> Int

    /// Pauses a queue, or lets it go on: nothing new is claimed from a paused queue.
    func setPaused(_ isPaused: Bool, queue: String) async throws

    /// The paused queues.
    func pausedQueues() async throws -> Set<String>

    /// Sends a process one of Sidekiq's signals (`TSTP`, `TERM`, `TTIN`), which its next beat brings.
    func signal(_ process: ProcessID, _ signal: String) async throws
}
