import Foundation
import Supervision
import Wingman

@testable import WingmanRemoteOrchestrator

/// Ends an incarnation of the service `fragile`.
final class MailerControl: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (self.stream, self.continuation) = AsyncStream.makeStream() }

    func fail() { self.continuation.yield() }
    func wait() async { for await _ in self.stream { return } }
}

struct BenchApp: WingmanApp {
    let bench: InboundBench
    let number: Int
    let plugin: RemoteOrchestrator

    /// The process of a newer version, which has a service more.
    static let newer = 7

    init(bench: InboundBench, number: Int, plugin: RemoteOrchestrator) {
        self.bench = bench
        self.number = number
        self.plugin = plugin
    }

    init() { self.init(bench: InboundBench(), number: 0, plugin: RemoteOrchestrator()) }

    var jobs: JobList { JobList() }
    var services: ServiceList {
        Supervise("ordered") { self.probe("ordered", .ordered) }
        Supervise("other") { self.probe("other", .ordered) }
        Supervise("aside") {
            Probe(
                bench: self.bench,
                number: self.number,
                client: "aside",
                lanes: .ordered,
                retry: InboundRetry(firstDelay: .milliseconds(5), whenOrdered: .setAside)
            )
        }
        Supervise("broad") { self.probe("broad", .concurrent(4)) }
        Supervise("keyed") { self.probe("keyed", .byKey(4)) }
        Supervise("bytes") { ByteProbe(bench: self.bench, number: self.number) }
        Supervise("fragile") {
            FragileProbe(bench: self.bench, number: self.number, lanes: self.bench.fragileLanes)
        }
        if self.number == Self.newer { Supervise("newcomer") { self.probe("newcomer", .ordered) } }
        Supervise("idle") { Idle() }
    }
    var plugins: PluginList { self.plugin }

    private func probe(_ client: String, _ lanes: InboundLanes) -> Probe {
        Probe(bench: self.bench, number: self.number, client: client, lanes: lanes, retry: self.bench.retry)
    }
}

private struct Idle: Wingman.Service {
    func run() async throws { await untilStopped() }
}

struct Probe: InboundHandler {
    let bench: InboundBench
    let number: Int
    let client: String
    let lanes: InboundLanes
    let retry: InboundRetry

    func run() async throws { await untilStopped() }

    func handle(_ body: ProbeBody, context: InboundContext) async throws -> ProbeBody {
        let call = Call(process: self.number, client: self.client, body: body.n, attempt: context.attempt)
        return ProbeBody(n: try await self.bench.handle(call, context))
    }
}

/// Takes messages as the host's own handlers do.
private struct ByteProbe: MessageHandler {
    let bench: InboundBench
    let number: Int

    func run() async throws { await untilStopped() }

    func receive(_ body: [UInt8]) async throws {
        let body = try JSONDecoder().decode(ProbeBody.self, from: Data(body))
        _ = try await self.bench.handle(
            Call(process: self.number, client: "bytes", body: body.n, attempt: 0),
            InboundContext()
        )
    }
}

/// Fails when it is told to.
private struct FragileProbe: InboundHandler {
    struct Failure: Error {}

    let bench: InboundBench
    let number: Int
    let lanes: InboundLanes
    let control = MailerControl()

    func run() async throws {
        if self.bench.isBroken(self.number) { throw Failure() }
        self.bench.started(self.control)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await self.control.wait()
                if !Task.isCancelled { throw Failure() }
            }
            group.addTask { await untilStopped() }
            try await group.next()
            group.cancelAll()
        }
    }

    func handle(_ body: ProbeBody, context: InboundContext) async throws -> NoReply {
        _ = try await self.bench.handle(
            Call(process: self.number, client: "fragile", body: body.n, attempt: context.attempt),
            context
        )
        return NoReply()
    }
}
