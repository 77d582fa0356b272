import Glibc

/// `Synchronization.Mutex` as the thread sanitizer can see it. Its slow path lies in the runtime library, which is not
/// instrumented, so that every contended lock would be reported as a race. Declared in the module it shadows the real one.
struct Mutex<Value: ~Copyable>: ~Copyable, @unchecked Sendable {  // all access to `value` holds `lock`
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let value = UnsafeMutablePointer<Value>.allocate(capacity: 1)

    init(_ value: consuming sending Value) {
        pthread_mutex_init(self.lock, nil)
        self.value.initialize(to: value)
    }

    deinit {
        self.value.deinitialize(count: 1)
        self.value.deallocate()
        pthread_mutex_destroy(self.lock)
        self.lock.deallocate()
    }

    borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        pthread_mutex_lock(self.lock)
        defer { pthread_mutex_unlock(self.lock) }
        return try body(&self.value.pointee)
    }
}
