import Foundation

/// From a push in one process to the claim in another that waits, and what waiting costs.
enum Wake {
    private static let ping = "ping"
    private static let pong = "pong"
    private static let warmUps = 20  // the first find the other process starting
    private static let idle = Duration.seconds(10)

    /// Sends pings to a process of its own, one when the one before was answered and both are idle again, and prints how
    /// long each took. Then leaves that process waiting, and prints what that cost.
    static func run(pings: Int, directory: String) async throws {
        let folder = "\(directory)/wingman-wake-\(UInt32.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer {
            // What cannot be removed is in a temporary directory.
            try? FileManager.default.removeItem(atPath: folder)
        }
        let url = "sqlite:\(folder)/wake.db"
        var peer = try await Peer(url: url, name: "pinger")
        let echo = Process()
        echo.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
        echo.arguments = ["echo", url]
        try echo.run()
        defer {
            echo.terminate()
            echo.waitUntilExit()
        }
        var woken: [Int] = []
        var claimed: [Int] = []
        for number in 0..<pings + Self.warmUps {
            try await Task.sleep(for: .milliseconds(5))
            let start = nanoseconds()
            try await peer.push("\(number)", to: Self.ping)
            let times = try await peer.next(of: Self.pong).message.split(separator: " ").compactMap { Int($0) }
            guard number >= Self.warmUps, times.count == 2 else { continue }
            woken.append(times[0] - start)
            claimed.append(times[1] - start)
        }
        print("\nPush in one process, waiting in another, \(pings) times, synchronous=full, ms from the call of push\n")
        print("| until | p50 | p90 | p99 | max |\n| --- | --- | --- | --- | --- |")
        print("| the wait ends | \(Self.percentiles(of: woken)) |")
        print("| it is claimed | \(Self.percentiles(of: claimed)) |")
        let before = Self.cpu(echo.processIdentifier)
        let start = nanoseconds()
        try await Task.sleep(for: Self.idle)
        let share = Double(Self.cpu(echo.processIdentifier) - before) / Double(nanoseconds() - start)
        print(String(format: "\nWaiting took %.3f %% of a core, over \(Self.idle).", share * 100))
        await peer.close()
    }

    /// Answers each ping with the moments at which it was woken and had claimed it, until it is ended.
    static func echo(url: String) async throws {
        var peer = try await Peer(url: url, name: "echo")
        while true {
            let (_, woken, claimed) = try await peer.next(of: Self.ping)
            try await peer.push("\(woken) \(claimed)", to: Self.pong)
        }
    }

    /// Pushes one job, for a process that waits.
    static func push(url: String, queue: String) async throws {
        let peer = try await Peer(url: url, name: "pusher")
        try await peer.push("{}", to: queue)
        await peer.close()
    }

    private static func percentiles(of times: [Int]) -> String {
        let sorted = times.sorted()
        guard !sorted.isEmpty else { return "none" }
        return [0.5, 0.9, 0.99, 1].map { share in
            let place = min(sorted.count - 1, Int(Double(sorted.count) * share))
            return String(format: "%.2f", Double(sorted[place]) / 1e6)
        }.joined(separator: " | ")
    }

    /// Nanoseconds that all threads of a process have run: the first figure of each one's schedstat.
    private static func cpu(_ pid: Int32) -> Int {
        let folder = "/proc/\(pid)/task"
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return threads.reduce(0) { sum, thread in
            let text = (try? String(contentsOfFile: "\(folder)/\(thread)/schedstat", encoding: .utf8)) ?? ""
            return sum + (text.split(separator: " ").first.flatMap { Int($0) } ?? 0)
        }
    }
}
