import Supervision
import Synchronization
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite("A signal watcher", .serialized)
struct SignalWatcherTests {
    @Test("hears signals while every cooperative thread computes")
    func saturatedPool() async {
        let heard = Flag()
        let watcher = SignalWatcher([.reopen]) { signal in
            if signal == .reopen { heard.set() }
        }
        defer { watcher.cancel() }
        await alone {
            let blockers = (0..<16).map { _ in Task { while !heard.isSet {} } }
            kill(getpid(), SIGUSR2)
            for blocker in blockers { await blocker.value }
        }
    }

    @Test("tells every watcher, as a callback and as a sequence, in the order the signals came")
    func several() async {
        let stream = SignalWatcher.stream([.reopen, .dump])
        let callbacks = AsyncStream.makeStream(of: ProcessSignal.self)
        let watcher = SignalWatcher([.dump]) { callbacks.continuation.yield($0) }
        defer { watcher.cancel() }
        var iterator = stream.makeAsyncIterator()
        kill(getpid(), SIGUSR2)
        #expect(await iterator.next() == .reopen)
        kill(getpid(), SIGTTIN)
        #expect(await iterator.next() == .dump)
        var callbackIterator = callbacks.stream.makeAsyncIterator()
        #expect(await callbackIterator.next() == .dump)
    }

    @Test("gives a signal back to what handled it before")
    func restores() {
        signal(SIGUSR2, SIG_IGN)
        SignalWatcher([.reopen]) { _ in }.cancel()
        let previous = signal(SIGUSR2, SIG_DFL)
        // SIG_IGN is the pointer 1; a C function pointer compares only by its bits.
        #expect(unsafeBitCast(previous, to: Int.self) == 1)
    }
}
