import Foundation
import TestSupport
import Testing

/// What strangers do: a plugin in a package of its own, and an app in another one that needs neither SQLite nor TLS.
@Suite("Packages outside of this one", .serialized, .timeLimit(.minutes(20)))
struct OutsidePackageTests {
    @Test(
        "A new plugin runs in an app with one more line, passes its test, and nobody builds the stores he does not need"
    )
    func plugin() async throws {
        let folder = try TemporaryDirectory("packages")
        defer { folder.remove() }
        let plugin = OutsidePackage(path: folder.file("wingman-audit-trail"))
        let script = OutsidePackage.repository + "/Scripts/new-plugin"
        try await ChildProcess.succeed(script, ["AuditTrail", plugin.path])
        let app = OutsidePackage(path: folder.file("app"))
        try Self.write(app)

        try await app.swift("build")
        #expect(try await Self.run(app, "plugins").output == "no plugins")
        try Self.expectNoStores(app)
        try await Self.expectRefusals(app)

        let source = try app.read("Sources/App/App.swift")
        let line = "/* one more line */"
        try app.write(
            "Sources/App/App.swift",
            "import WingmanAuditTrail\n" + source.replacingOccurrences(of: line, with: "AuditTrail()")
        )
        try await app.swift("build")
        try await Self.expectPlugin(app)
        try Self.expectNoStores(app)

        let tests = try await plugin.swift("test")
        #expect(tests.contains("Test run with 2 tests in 1 suite passed"))
    }

    @Test("A name that is no type, or a folder that is there, is refused and nothing is written")
    func refusal() async throws {
        let folder = try TemporaryDirectory("packages")
        defer { folder.remove() }
        let script = OutsidePackage.repository + "/Scripts/new-plugin"
        let bad = try await ChildProcess.run(script, ["audit trail", folder.file("bad")])
        #expect(bad.status == .exited(64))
        #expect(bad.error.contains("no name for a type"))
        let taken = try await ChildProcess.run(script, ["Audit", folder.path])
        #expect(taken.status == .exited(73))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    /// An app, and beside it the plugins of this repository as if they were strangers': so they cannot use anything that
    /// has package access.
    private static func write(_ app: OutsidePackage) throws {
        let plugins = OutsidePackage.repository + "/Plugins"
        let folders = try FileManager.default.contentsOfDirectory(atPath: plugins).sorted()
        try app.write("Package.swift", Self.manifest(strangers: folders))
        try app.write("Sources/App/App.swift", Self.source)
        try FileManager.default.copyItem(atPath: plugins, toPath: app.path + "/Plugins")
    }

    private static func manifest(strangers: [String]) -> String {
        """
        // swift-tools-version: 6.3
        import PackageDescription

        let strangers = \(strangers)
        let package = Package(
            name: "app",
            platforms: [.macOS(.v15)],
            dependencies: [
                .package(name: "wingman", path: "\(OutsidePackage.repository)", traits: []),
                .package(path: "../wingman-audit-trail"),
                .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
                .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
                .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
                .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
            ],
            targets: strangers.map { name in
                \(Self.stranger)
            } + [
                Target.executableTarget(
                    name: "App",
                    dependencies: [
                        .product(name: "Wingman", package: "wingman"),
                        .product(name: "WingmanCommand", package: "wingman"),
                        .product(name: "WingmanAuditTrail", package: "wingman-audit-trail"),
                    ]
                )
            ]
        )
        """
    }

    /// A plugin of this repository as a target of the app.
    private static let stranger = """
        Target.target(
            name: "Stranger\\(name)",
            dependencies: [
                .product(name: "Supervision", package: "wingman"),
                .product(name: "Wingman", package: "wingman"),
                .product(name: "WingmanCommandKit", package: "wingman"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            path: "Plugins/\\(name)",
            exclude: ["README.md"],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
                .enableUpcomingFeature("InferIsolatedConformances"),
            ]
        )
        """

    private static let source = """
        import Wingman
        import WingmanCommand

        @main
        struct App: WingmanApp {
            var jobs: JobList { JobList() }
            var plugins: PluginList {
                /* one more line */
            }
        }
        """

    private static func run(_ app: OutsidePackage, _ words: String...) async throws -> ChildProcess.Outcome {
        try await ChildProcess.run(
            app.executable("App"),
            words,
            environment: [
                "WINGMAN_STORE": "", "REDIS_URL": "", "WINGMAN_CONFIG": "", "WINGMAN_AUDIT_TRAIL_INTERVAL": "1s",
            ]
        )
    }

    /// Neither resolved, nor fetched, nor built.
    private static func expectNoStores(_ app: OutsidePackage) throws {
        let unwanted: Set<String> = ["grdb.swift", "swift-nio-ssl"]
        let resolved = try app.resolved()
        #expect(resolved.contains("swift-nio"))
        #expect(resolved.isDisjoint(with: unwanted))
        #expect(try OutsidePackage.fetched().isDisjoint(with: unwanted))
        // The package manager makes folders for all targets; modules only of those that it compiles.
        let built = try FileManager.default.contentsOfDirectory(atPath: OutsidePackage.scratchPath + "/debug/Modules")
        #expect(built.contains("WingmanRedis.swiftmodule"))
        for module in ["GRDB", "NIOSSL", "WingmanSQLite"] { #expect(!built.contains("\(module).swiftmodule")) }
    }

    /// What is not built says so, and what to do.
    private static func expectRefusals(_ app: OutsidePackage) async throws {
        let file = try await Self.run(app, "status", "--store", "sqlite:/tmp/none.db")
        #expect(file.status == .exited(78))
        #expect(file.error.contains("add the trait `SQLite`"))
        let secure = try await Self.run(app, "status", "--store", "rediss://127.0.0.1:1")
        #expect(secure.status == .exited(69))
        #expect(secure.error.contains("add the trait `TLS`"))
    }

    private static func expectPlugin(_ app: OutsidePackage) async throws {
        let list = try await Self.run(app, "plugins")
        #expect(list.output.contains("audit-trail"))
        #expect(list.output.contains("third party (WingmanAuditTrail)"))
        let options = try await Self.run(app, "plugins", "audit-trail")
        #expect(options.output.contains("WINGMAN_AUDIT_TRAIL_INTERVAL"))
        try await RedisServer.with { server in
            let worker = try await ChildProcess.start(
                app.executable("App"),
                ["run", "--store", server.url],
                environment: ["WINGMAN_AUDIT_TRAIL_INTERVAL": "1s"]
            )
            try await worker.waitForLine(containing: "jobs wait")
            worker.signal(.terminate)
            #expect(try await worker.waitForExit() == .exited(0))
        }
    }
}
