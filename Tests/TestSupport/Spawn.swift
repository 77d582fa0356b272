internal import Foundation
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#endif

/// What to start: the value that `ChildProcess` hands to the kernel.
struct SpawnRequest: Sendable {
    var executable: String
    var arguments: [String]
    var environment: [String: String]
    var workingDirectory: String?
    /// A descriptor for standard input; `/dev/null` when there is none.
    var input: Int32?
    var output: Int32
    var error: Int32

    /// Starts the child with clean signals, in a process group of its own.
    ///
    /// The child dies with the calling **thread** (`PR_SET_PDEATHSIG`), so the thread that calls this must live as long
    /// as the child: then nothing outlives the test process, however that ends.
    func spawn() throws(TestSupportError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input = self.input {
            posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        } else {
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, self.output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, self.error, STDERR_FILENO)
        // Others of this process may open descriptors that children inherit, as Foundation's Process does with the socket
        // by whose end it knows that its child is gone. Closing one that is not open is no error here.
        for descriptor in 3..<Self.descriptors { posix_spawn_file_actions_addclose(&actions, descriptor) }
        return try self.spawn(with: &actions)
    }

    private func spawn(with actions: inout posix_spawn_file_actions_t) throws(TestSupportError) -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(flags))

        let move = self.workingDirectory.map { directory in ["env", "-C", directory] } ?? []
        let command = Self.diesWithParent + move + [self.executable] + self.arguments
        let words = CStringArray(command)
        let variables = CStringArray(self.environment.map { "\($0.key)=\($0.value)" })
        defer {
            words.free()
            variables.free()
        }
        var pid: pid_t = 0
        let code = Self.inheritance.withLock { _ in
            posix_spawnp(&pid, command[0], &actions, &attributes, words.pointers, variables.pointers)
        }
        guard code == 0 else {
            throw .process("\(command.joined(separator: " ")): \(String(cString: strerror(code)))")
        }
        return pid
    }

    /// More descriptors than a test process has.
    private static let descriptors: Int32 = 4_096

    /// Held while descriptors are made that children must not inherit, and while a child is started: glibc's pipe2 is
    /// hidden from Swift, and a pipe's writing end in another child would keep its reader from ever seeing the end.
    fileprivate static let inheritance = Mutex<Void>(())

    /// util-linux' setpriv sets the death signal and then becomes the command: the pid stays.
    private static var diesWithParent: [String] {
        #if os(Linux)
            ["setpriv", "--pdeathsig", "KILL", "--"]
        #else
            []
        #endif
    }
}

/// A null-terminated array of C strings, freed by its owner.
private struct CStringArray {
    let pointers: [UnsafeMutablePointer<CChar>?]

    init(_ strings: [String]) {
        self.pointers = strings.map { strdup($0) } + [nil]
    }

    func free() {
        for pointer in self.pointers { Glibc.free(pointer) }
    }
}

/// Both ends of a pipe; neither is inherited by children started later.
struct Pipe: Sendable {
    let reading: Int32
    let writing: Int32

    init() throws(TestSupportError) {
        var ends: [Int32] = [-1, -1]
        let isOpen = SpawnRequest.inheritance.withLock { _ in
            pipe(&ends) == 0 && ends.allSatisfy { descriptor in fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 }
        }
        guard isOpen else { throw .process("pipe: \(String(cString: strerror(errno)))") }
        self.reading = ends[0]
        self.writing = ends[1]
    }

    /// An unlinked file that holds `text`, to be a child's standard input: no thread has to feed it.
    static func file(holding text: String) throws(TestSupportError) -> Int32 {
        let descriptor = SpawnRequest.inheritance.withLock { _ in
            var path = Array("/tmp/wingman-input-XXXXXX".utf8CString)
            let descriptor = mkstemp(&path)
            unlink(&path)
            return fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 ? descriptor : -1
        }
        guard descriptor >= 0 else { throw .process("temporary file: \(String(cString: strerror(errno)))") }
        FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).write(Data(text.utf8))
        lseek(descriptor, 0, SEEK_SET)
        return descriptor
    }

    /// Reads lines until the end of the stream, and closes the descriptor. Blocks: call it on a thread of its own.
    static func readLines(from descriptor: Int32, _ body: (String) -> Void) {
        defer { close(descriptor) }
        var rest: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            rest.append(contentsOf: buffer[..<count])
            var start = rest.startIndex
            while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
                body(String(decoding: rest[start..<end], as: UTF8.self))
                start = end + 1
            }
            rest.removeSubrange(..<start)
        }
        if !rest.isEmpty { body(String(decoding: rest, as: UTF8.self)) }
    }
}
