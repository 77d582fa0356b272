#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// State behind a lock that a thread can wait on: what `Mutex` cannot do.
///
/// Only for threads of our own; waiting here on a cooperative thread would take one of the few.
package final class Monitor<State: Sendable>: @unchecked Sendable {  // all access to `state` holds `lock`
    private var state: State
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    package init(_ state: State) {
        self.state = state
        pthread_mutex_init(self.lock, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        #if !canImport(Darwin)
            pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        #endif
        pthread_cond_init(self.changed, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(self.changed)
        pthread_mutex_destroy(self.lock)
        self.changed.deallocate()
        self.lock.deallocate()
    }

    /// Runs `body` with exclusive access to the state.
    package func withLock<Result>(_ body: (inout State) -> Result) -> Result {
        pthread_mutex_lock(self.lock)
        defer { pthread_mutex_unlock(self.lock) }
        return body(&self.state)
    }

    /// Wakes the waiting thread.
    package func signal() {
        pthread_cond_signal(self.changed)
    }

    /// Runs `body` under the lock again and again, waiting between for a signal or the instant it asks for, until it
    /// has something to return.
    package func wait<Result>(until body: (inout State) -> Attempt<Result>) -> Result {
        pthread_mutex_lock(self.lock)
        defer { pthread_mutex_unlock(self.lock) }
        while true {
            switch body(&self.state) {
            case .done(let result): return result
            case .wait(nil): pthread_cond_wait(self.changed, self.lock)
            case .wait(.some(let duration)): self.waitOnce(for: duration)
            }
        }
    }

    /// What a waiting thread found: a result, or how long to wait for one (nil: for a signal only).
    package enum Attempt<Result> {
        case done(Result)
        case wait(Duration?)
    }

    private func waitOnce(for duration: Duration) {
        // An upper bound keeps the sum below from overflowing; the caller looks again.
        let longest = Duration.seconds(3_600)
        let wait = max(.zero, min(duration, longest)).components
        #if canImport(Darwin)
            var relative = timespec(tv_sec: Int(wait.seconds), tv_nsec: Int(wait.attoseconds / 1_000_000_000))
            pthread_cond_timedwait_relative_np(self.changed, self.lock, &relative)
        #else
            var until = timespec()
            clock_gettime(CLOCK_MONOTONIC, &until)
            let nanoseconds = until.tv_nsec + Int(wait.attoseconds / 1_000_000_000)
            until.tv_sec += Int(wait.seconds) + nanoseconds / 1_000_000_000
            until.tv_nsec = nanoseconds % 1_000_000_000
            pthread_cond_timedwait(self.changed, self.lock, &until)
        #endif
    }
}
