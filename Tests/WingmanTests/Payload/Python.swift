import Foundation

/// Python as a second opinion about JSON, where the machine has it.
enum Python {
    static let path = ["/usr/bin/python3", "/usr/local/bin/python3", "/root/.pyenv/shims/python3"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    static var isAvailable: Bool { Self.path != nil }

    /// Runs a program over lines of input, and returns the lines it prints.
    static func run(_ program: String, input: [[UInt8]]) throws -> [String] {
        let folder = FileManager.default.temporaryDirectory
        let file = folder.appendingPathComponent("wingman-\(UUID().uuidString)")
        try Data(input.joined(separator: [0x0A]) + [0x0A]).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.path ?? "")
        process.arguments = ["-c", program]
        process.standardInput = try FileHandle(forReadingFrom: file)
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text.split(separator: "\n").map(String.init)
    }
}
