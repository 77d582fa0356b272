#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A thread of the operating system, for what must run while the cooperative pool is busy. It ends when `body` returns.
package enum Thread {
    /// Starts a thread.
    ///
    /// - Parameters:
    ///   - name: What debuggers and `top -H` show; cut to the 15 bytes that Linux keeps.
    ///   - body: What the thread does.
    package static func start(name: String, _ body: @escaping @Sendable () -> Void) {
        let box = Unmanaged.passRetained(Body(name: name, run: body))
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        let result = pthread_create(&thread, nil, { Thread.enter($0) }, box.toOpaque())
        // Failing here means no thread could be had at start-up (EAGAIN): a program without its timer thread could
        // neither stop nor keep a lease, so it must not go on.
        precondition(result == 0, "cannot start the thread \(name): errno \(result)")
        pthread_detach(Self.handle(thread))
    }

    private final class Body: Sendable {
        let name: String
        let run: @Sendable () -> Void

        init(name: String, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    #if canImport(Darwin)
        private static func enter(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
            Self.run(argument)
        }

        /// The compiler cannot see that pthread_create has set it when it returned 0.
        private static func handle(_ thread: pthread_t?) -> pthread_t {
            // pthread_create returned 0, so the thread is set.
            thread!
        }
    #else
        private static func enter(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
            argument.flatMap(Self.run)
        }

        private static func handle(_ thread: pthread_t) -> pthread_t { thread }
    #endif

    private static func run(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
        Self.setName(body.name)
        body.run()
        return nil
    }

    /// A name is a help to whoever looks; that it cannot be set is no error.
    private static func setName(_ name: String) {
        #if canImport(Darwin)
            pthread_setname_np(name)
        #else
            // pthread_setname_np is not in the module map of Glibc.
            let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
            guard file >= 0 else { return }
            defer { close(file) }
            let bytes = Array(name.utf8.prefix(15))
            _ = write(file, bytes, bytes.count)
        #endif
    }
}
