internal import Supervision
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Tells the other processes of a store that something was added: a file beside it, of one byte that is written anew, and
/// on Linux an inotify watch on it. A ring costs 2 µs and reaches a sleeping process at once.
///
/// The watch exists only while somebody waits: a busy process is not told of every push. Where there is no inotify,
/// waits look for themselves, see ``isHeard``.
final class BellFile: Sendable {
    private struct State {
        /// The file, open for writing.
        var file: Int32?
        var inotify: Int32?
        /// The watch on it, while somebody waits.
        var watch: Int32?
        var isClosed = false
    }

    private let path: String
    /// Somebody rang.
    private let onRing: @Sendable () -> Void
    /// Whether anybody wants to hear of it.
    private let isWanted: @Sendable () -> Bool
    private let state = Mutex(State())

    init(path: String, isWanted: @escaping @Sendable () -> Bool, onRing: @escaping @Sendable () -> Void) {
        self.path = path
        self.isWanted = isWanted
        self.onRing = onRing
    }

    /// Rings. That it cannot is no error: waits look now and then.
    func ring() {
        let file = self.openFile()
        guard file >= 0 else { return }
        pwrite(file, "!", 1, 0)
    }

    private func openFile() -> Int32 {
        self.state.withLock { state in
            if state.isClosed { return -1 }
            if let file = state.file { return file }
            let file = open(self.path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
            if file >= 0 { state.file = file }
            return file
        }
    }

    #if os(Linux)
        /// Watches the bell, if it does not yet.
        ///
        /// - Returns: Whether rings are heard; else the caller has to look now and then, often.
        func listen() -> Bool {
            guard self.openFile() >= 0 else { return false }
            let (isHeard, started) = self.state.withLock { state -> (Bool, Int32?) in
                if state.watch != nil { return (true, nil) }
                var started: Int32?
                if state.inotify == nil {
                    let inotify = inotify_init1(Int32(IN_CLOEXEC))
                    guard inotify >= 0 else { return (false, nil) }
                    state.inotify = inotify
                    started = inotify
                }
                guard let inotify = state.inotify else { return (false, nil) }
                let watch = inotify_add_watch(inotify, self.path, UInt32(IN_MODIFY))
                if watch >= 0 { state.watch = watch }
                return (watch >= 0, started)
            }
            if let started { Thread.start(name: "wingman-bell") { self.hear(started) } }
            return isHeard
        }

        /// The thread: sleeps in the kernel until the bell rings or the watch is taken away.
        private func hear(_ inotify: Int32) {
            // Events of many rings are read at once: only that there are any matters.
            let buffer = UnsafeMutableRawPointer.allocate(byteCount: 4_096, alignment: 8)
            defer {
                buffer.deallocate()
                self.closeFile(inotify)
            }
            while true {
                let count = read(inotify, buffer, 4_096)
                if count < 0, errno == EINTR { continue }
                guard count > 0, !self.state.withLock({ $0.isClosed }) else { return }
                if self.isWanted() { self.onRing() } else { self.pause() }
            }
        }

        /// Takes the watch away until somebody waits again.
        private func pause() {
            self.state.withLock { state in
                guard let inotify = state.inotify, let watch = state.watch else { return }
                state.watch = nil
                inotify_rm_watch(inotify, watch)
            }
            // Who began to wait in between has been told that the watch is there: it has to look, and to listen again.
            if self.isWanted() { self.onRing() }
        }
    #else
        /// Without inotify nobody hears anything.
        func listen() -> Bool { false }
    #endif

    /// Ends the thread and closes the file.
    func close() {
        let file = self.state.withLock { state -> Int32? in
            state.isClosed = true
            #if os(Linux)
                if let inotify = state.inotify {
                    // Its last event, IN_IGNORED, wakes the thread, which then sees that it is over.
                    let watch = state.watch ?? inotify_add_watch(inotify, self.path, UInt32(IN_MODIFY))
                    inotify_rm_watch(inotify, watch)
                }
            #endif
            return state.file.take()
        }
        if let file { self.closeFile(file) }
    }

    private func closeFile(_ file: Int32) {
        #if canImport(Glibc)
            Glibc.close(file)
        #elseif canImport(Musl)
            Musl.close(file)
        #else
            Darwin.close(file)
        #endif
    }
}
