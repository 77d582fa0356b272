import Foundation
import TestSupport

/// What a process did to its files, as strace saw it, and the states of the disk that a power cut may leave.
///
/// A write is durable once its file was synced after it; a new name once its directory was. What was not synced may be on
/// the disk or not, each 512 bytes of it for themselves, in any order.
struct TracedDisk {
    enum Event {
        case created(String)
        case removed(String)
        case write(String, offset: Int, bytes: [UInt8])
        case truncate(String, size: Int)
        case sync(String)
        case syncDirectory
        /// A line that the process wrote to standard output: what it knows to be acknowledged.
        case said(String)
    }

    private(set) var events: [Event] = []

    /// Reads the text of `strace -f -xx -s 1000000`.
    ///
    /// - Parameter directory: The only one whose files count.
    init(trace: String, directory: String) {
        var reader = TraceReader(directory: directory)
        for line in trace.utf8.split(separator: UInt8(ascii: "\n")) {
            if let event = reader.event(line) { self.events.append(event) }
        }
    }

    /// The files after a cut before `events[cut]`.
    func files(cutAt cut: Int, using generator: inout some RandomNumberGenerator) -> [String: [UInt8]] {
        var files: [String: TracedFile] = [:]
        for event in self.events[..<cut] {
            switch event {
            case .created(let path): if files[path] == nil { files[path] = TracedFile() }
            case .removed(let path): files[path]?.isRemoved = true
            case .write(let path, let offset, let bytes): files[path, default: TracedFile()].write(bytes, at: offset)
            case .truncate(let path, let size): files[path, default: TracedFile()].truncate(to: size)
            case .sync(let path): files[path]?.sync()
            case .syncDirectory:
                for path in files.keys { files[path]?.hasName = true }
                files = files.filter { !$0.value.isRemoved }
            case .said: break
            }
        }
        var left: [String: [UInt8]] = [:]
        for (path, file) in files.sorted(by: { $0.key < $1.key }) {
            if !file.hasName, Bool.random(using: &generator) { continue }
            if file.isRemoved, Bool.random(using: &generator) { continue }
            left[path] = file.afterCut(using: &generator)
        }
        return left
    }

    /// What the process had said before `events[cut]`.
    func said(before cut: Int) -> [String] {
        self.events[..<cut].compactMap { event in
            if case .said(let line) = event { return line }
            return nil
        }
    }
}

/// A file whose last changes may get lost.
struct TracedFile {
    private enum Change {
        case write(offset: Int, bytes: [UInt8])
        case truncate(Int)
    }

    private static let sector = 512

    var hasName = false
    var isRemoved = false
    private var durable: [UInt8] = []
    private var pending: [Change] = []

    init() {}

    mutating func write(_ bytes: [UInt8], at offset: Int) {
        self.pending.append(.write(offset: offset, bytes: bytes))
    }

    mutating func truncate(to size: Int) {
        self.pending.append(.truncate(size))
    }

    mutating func sync() {
        for change in self.pending { Self.apply(change, to: &self.durable) }
        self.pending = []
    }

    /// One of the states that the disk may be in.
    func afterCut(using generator: inout some RandomNumberGenerator) -> [UInt8] {
        var bytes = self.durable
        // Sometimes everything arrived, sometimes nothing, mostly some.
        let chance = [0, 1, 2, 2, 3, 4].randomElement(using: &generator) ?? 2
        for change in self.pending {
            switch change {
            case .truncate:
                if Int.random(in: 0..<4, using: &generator) < chance { Self.apply(change, to: &bytes) }
            case .write(let offset, let data):
                for (start, part) in Self.sectors(of: data, at: offset)
                where Int.random(in: 0..<4, using: &generator) < chance {
                    Self.apply(.write(offset: start, bytes: part), to: &bytes)
                }
            }
        }
        return bytes
    }

    private static func sectors(of data: [UInt8], at offset: Int) -> [(Int, [UInt8])] {
        var parts: [(Int, [UInt8])] = []
        var start = 0
        while start < data.count {
            let end = min(data.count, (offset + start) / Self.sector * Self.sector + Self.sector - offset)
            parts.append((offset + start, Array(data[start..<end])))
            start = end
        }
        return parts
    }

    private static func apply(_ change: Change, to bytes: inout [UInt8]) {
        switch change {
        case .truncate(let size):
            if size < bytes.count { bytes.removeLast(bytes.count - size) } else { Self.grow(&bytes, to: size) }
        case .write(let offset, let data):
            Self.grow(&bytes, to: offset + data.count)
            bytes.replaceSubrange(offset..<offset + data.count, with: data)
        }
    }

    private static func grow(_ bytes: inout [UInt8], to size: Int) {
        if bytes.count < size { bytes += [UInt8](repeating: 0, count: size - bytes.count) }
    }
}

/// Lines of strace: `PID call(arguments) = result`, with the bytes of strings as `\xNN`.
struct TraceReader {
    let directory: String
    private var descriptors: [Int: String] = [:]
    /// Calls that were interrupted by another thread's line, by process.
    private var unfinished: [String: [UInt8]] = [:]

    init(directory: String) {
        self.directory = directory
    }

    mutating func event(_ line: some Collection<UInt8>) -> TracedDisk.Event? {
        var bytes = Array(line)
        guard let space = bytes.firstIndex(of: UInt8(ascii: " ")) else { return nil }
        let thread = String(decoding: bytes[..<space], as: UTF8.self)
        bytes.removeFirst(space)
        while bytes.first == UInt8(ascii: " ") { bytes.removeFirst() }
        if let cut = Self.find(" <unfinished ...>", in: bytes) {
            self.unfinished[thread] = Array(bytes[..<cut])
            return nil
        }
        if bytes.starts(with: Array("<... ".utf8)), let end = Self.find(" resumed>", in: bytes) {
            guard let begun = self.unfinished.removeValue(forKey: thread) else { return nil }
            bytes = begun + bytes[(end + 9)...]
        }
        return self.event(call: bytes)
    }

    private mutating func event(call bytes: [UInt8]) -> TracedDisk.Event? {
        guard let open = bytes.firstIndex(of: UInt8(ascii: "(")),
            let equals = bytes.lastIndex(of: UInt8(ascii: "=")),
            let result = Int(
                String(decoding: bytes[(equals + 1)...], as: UTF8.self).split(separator: " ").first ?? ""
            ), result >= 0
        else { return nil }
        let name = String(decoding: bytes[..<open], as: UTF8.self)
        let arguments = Array(bytes[(open + 1)..<equals])
        let first = Int(String(decoding: arguments.prefix { 48...57 ~= $0 }, as: UTF8.self)) ?? -1
        switch name {
        case "openat": return self.opened(arguments, as: result)
        case "close":
            self.descriptors[first] = nil
            return nil
        case "unlink": return Self.string(arguments).flatMap { self.path($0) }.map { .removed($0) }
        case "link":
            // The file under its real name; what it was before is empty.
            let strings = Self.strings(arguments)
            return strings.count == 2 ? self.path(strings[1]).map { .created($0) } : nil
        case "write" where first == 1:
            let text = Self.string(arguments).map { String(decoding: $0, as: UTF8.self) } ?? ""
            return .said(text.split(separator: "\n").joined())
        case "pwrite64":
            guard let path = self.descriptors[first], path != self.directory, let data = Self.string(arguments)
            else { return nil }
            return .write(path, offset: Self.last(arguments), bytes: data)
        case "ftruncate":
            guard let path = self.descriptors[first] else { return nil }
            return .truncate(path, size: Self.last(arguments))
        case "fsync", "fdatasync":
            guard let path = self.descriptors[first] else { return nil }
            return path == self.directory ? .syncDirectory : .sync(path)
        default: return nil
        }
    }

    private mutating func opened(_ arguments: [UInt8], as descriptor: Int) -> TracedDisk.Event? {
        self.descriptors[descriptor] = nil
        guard let name = Self.string(arguments) else { return nil }
        if String(decoding: name, as: UTF8.self) == self.directory {
            self.descriptors[descriptor] = self.directory
            return nil
        }
        guard let path = self.path(name) else { return nil }
        self.descriptors[descriptor] = path
        return Self.find("O_CREAT", in: arguments) == nil ? nil : .created(path)
    }

    /// Only what a power cut concerns: shared memory is made anew, the bell says nothing that lasts.
    private func path(_ name: [UInt8]) -> String? {
        let path = String(decoding: name, as: UTF8.self)
        guard path.hasPrefix(self.directory + "/") else { return nil }
        return path.hasSuffix("-shm") || path.hasSuffix("-bell") || path.contains("-new-") ? nil : path
    }

    private static func find(_ text: String, in bytes: [UInt8]) -> Int? {
        let text = Array(text.utf8)
        guard bytes.count >= text.count else { return nil }
        // Near the end, if at all: the lines are long.
        for start in stride(from: bytes.count - text.count, through: max(0, bytes.count - 200), by: -1)
        where bytes[start] == text[0] && Array(bytes[start..<start + text.count]) == text {
            return start
        }
        return nil
    }

    private static func string(_ arguments: [UInt8]) -> [UInt8]? { Self.strings(arguments).first }

    /// The strings in quotes, `\xNN` for each byte.
    private static func strings(_ arguments: [UInt8]) -> [[UInt8]] {
        var strings: [[UInt8]] = []
        var current: [UInt8]?
        var index = 0
        while index < arguments.count {
            if arguments[index] == UInt8(ascii: "\"") {
                if let done = current { strings.append(done) }
                current = current == nil ? [] : nil
                index += 1
            } else if current != nil, arguments[index] == UInt8(ascii: "\\"), index + 3 < arguments.count {
                current?.append(Self.digit(arguments[index + 2]) << 4 | Self.digit(arguments[index + 3]))
                index += 4
            } else {
                index += 1
            }
        }
        return strings
    }

    private static func digit(_ byte: UInt8) -> UInt8 { byte < 58 ? byte &- 48 : byte &- 87 }

    /// The last argument, a number.
    private static func last(_ arguments: [UInt8]) -> Int {
        let end = arguments.lastIndex(of: UInt8(ascii: ")")) ?? arguments.count
        let start = arguments[..<end].lastIndex(of: UInt8(ascii: " ")) ?? 0
        return Int(String(decoding: arguments[(start + 1)..<end], as: UTF8.self)) ?? 0
    }
}
