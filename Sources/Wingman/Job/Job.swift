/// A unit of background work: a value whose stored properties, in order, are Sidekiq's positional `args`.
///
/// ```swift
/// struct Thumbnail: Job {
///     static let options = JobOptions(queue: "images", retry: .attempts(5), timeout: .seconds(30))
///     var imageID: Int
///     var size: Int
///
///     func perform(_ context: JobContext) async throws { … }
/// }
/// ```
///
/// `Thumbnail(imageID: 7, size: 64)` is `{"class":"Thumbnail","args":[7,64],…}`. Optionals are `null`; properties are
/// added only at the end, as optionals, so that jobs pushed by an older program still run. Leave the `Codable`
/// conformance to the compiler: each type is checked when it is first pushed, and refused with a reason if its coding
/// does not keep the order of its properties.
public protocol Job: Codable, Sendable {
    /// The `class` other programs see. By default the name of the type; write it down before renaming the type.
    static var name: String { get }

    /// Former names, still accepted when a job is run.
    static var aliases: [String] { get }

    /// Queue, retries, timeout and the like, for every job of this type.
    static var options: JobOptions { get }

    /// Does the work. It may run twice (a crash between the work and its acknowledgement), so make it idempotent.
    ///
    /// A thrown error means retry, by the rules of ``JobOptions/retry``. A cancelled task means that the process stops
    /// or the timeout has passed: return soon; a job interrupted by a stop is given back and its attempt not counted.
    ///
    /// It runs on the cooperative pool, never on an actor of the host.
    @concurrent func perform(_ context: JobContext) async throws

    /// Chooses what a failure leads to, instead of the default backoff.
    ///
    /// - Parameters:
    ///   - error: What ``perform(_:)`` threw.
    ///   - retryCount: How many retries there have been, from 0 at the first failure.
    static func retry(after error: any Error, retryCount: Int) -> RetryChoice

    /// Called after the last attempt failed, before the job goes to the dead set.
    @concurrent static func exhausted(_ context: JobContext, error: any Error) async
}

extension Job {
    /// The name of the type.
    public static var name: String { String(describing: Self.self) }
    /// None.
    public static var aliases: [String] { [] }
    /// Sidekiq's defaults.
    public static var options: JobOptions { JobOptions() }
    /// Sidekiq's backoff.
    public static func retry(after error: any Error, retryCount: Int) -> RetryChoice { .backoff }
    /// Does nothing.
    @concurrent public static func exhausted(_ context: JobContext, error: any Error) async {}
}

/// What a failed job does next.
public enum RetryChoice: Sendable, Equatable {
    /// Sidekiq's backoff: `count⁴ + 15` seconds and some jitter.
    case backoff
    /// A delay of the job's own, with Sidekiq's jitter added.
    case after(Duration)
    /// To the dead set at once.
    case kill
    /// Gone, without a trace in the dead set.
    case discard
}
