// swift-tools-version: 6.3
import PackageDescription

/// One set of settings for every target: language mode 6 and the features that will be the default in the next one.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),  // SE-0335
    .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
    .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),  // SE-0461
    .enableUpcomingFeature("InferIsolatedConformances"),  // SE-0470
    .enableUpcomingFeature("ImmutableWeakCaptures"),  // SE-0481
]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let configuration: Target.Dependency = .product(name: "Configuration", package: "swift-configuration")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift", condition: .when(traits: ["SQLite"]))
let grdbSQLite: Target.Dependency = .product(
    name: "GRDBSQLite",
    package: "GRDB.swift",
    condition: .when(traits: ["SQLite"])
)
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let serviceLifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

let package = Package(
    name: "wingman",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "HiredisNIO", targets: ["HiredisNIO"]),
        .library(name: "Supervision", targets: ["Supervision"]),
        .library(name: "SupervisionTesting", targets: ["SupervisionTesting"]),
        .library(name: "Wingman", targets: ["Wingman"]),
        .library(name: "WingmanCommand", targets: ["WingmanCommand"]),
        .library(name: "WingmanCommandKit", targets: ["WingmanCommandKit"]),
        .library(name: "WingmanQueueLatency", targets: ["WingmanQueueLatency"]),
        .library(name: "WingmanRedis", targets: ["WingmanRedis"]),
        .library(name: "WingmanRemoteOrchestrator", targets: ["WingmanRemoteOrchestrator"]),
        .library(name: "WingmanScheduler", targets: ["WingmanScheduler"]),
        .library(name: "WingmanSQLite", targets: ["WingmanSQLite"]),
        .library(name: "WingmanTesting", targets: ["WingmanTesting"]),
        .executable(name: "wingman-demo", targets: ["wingman-demo"]),
        .executable(name: "wingman-load", targets: ["wingman-load"]),
    ],
    // Who needs neither names the traits it wants, and the rest is not even fetched: `.package(…, traits: [])`.
    traits: [
        .trait(name: "SQLite", description: "The store in a file, by GRDB; without it `--store sqlite:` is refused."),
        .trait(name: "TLS", description: "Redis over TLS, by swift-nio-ssl; without it `rediss://` is refused."),
        .default(enabledTraits: ["SQLite", "TLS"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // The Redis codec: libhiredis, and the client that drives it on SwiftNIO.
        .systemLibrary(
            name: "CHiredis",
            providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"]), .yum(["hiredis-devel"])]
        ),
        .target(
            name: "HiredisNIO",
            dependencies: [
                "CHiredis",
                deque,
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl", condition: .when(traits: ["TLS"])),
            ],
            swiftSettings: settings
        ),

        // The proof that commands are better written without hiredis' formatter; run by hand.
        .executableTarget(
            name: "hiredis-bench",
            dependencies: ["HiredisNIO", .product(name: "NIOCore", package: "swift-nio")],
            path: "Scripts/HiredisBench",
            swiftSettings: settings
        ),

        // The proof that a tree costs its services nothing; run by Scripts/bench supervision.
        .executableTarget(
            name: "supervision-bench",
            dependencies: ["Supervision", logging, serviceLifecycle],
            path: "Scripts/SupervisionBench",
            swiftSettings: settings
        ),

        // What the embedded store does a second, beside SQLite itself; run by Scripts/bench sqlite. The tests' victim of
        // power cuts and kills as well.
        .executableTarget(
            name: "sqlite-bench",
            dependencies: ["Wingman", "WingmanSQLite", grdbSQLite, logging],
            path: "Scripts/SQLiteBench",
            swiftSettings: settings
        ),

        // What a recurrence's next occurrence costs, and what ten thousand schedules do; run by Scripts/bench scheduler.
        .executableTarget(
            name: "scheduler-bench",
            dependencies: [
                "Wingman", "WingmanCommand", "WingmanRedis", "WingmanScheduler", "WingmanSQLite",
            ],
            path: "Scripts/SchedulerBench",
            swiftSettings: settings
        ),

        // The tree, and the host that runs jobs under it.
        .target(
            name: "Supervision",
            dependencies: [deque, logging, metrics, serviceLifecycle],
            swiftSettings: settings
        ),
        .target(
            name: "Wingman",
            dependencies: ["Supervision", deque, logging, metrics, serviceLifecycle],
            swiftSettings: settings
        ),
        .target(
            name: "WingmanRedis",
            dependencies: ["HiredisNIO", "Wingman", logging],
            resources: [.embedInCode("Scripts")],
            swiftSettings: settings
        ),
        .target(
            name: "WingmanSQLite",
            dependencies: ["Supervision", "Wingman", deque, grdb, grdbSQLite, logging],
            swiftSettings: settings
        ),

        // What users test with: a clock that moves by hand; a store in memory, jobs run in place, a store that fails by
        // plan, and the conformance suite for authors of stores.
        .target(
            name: "SupervisionTesting",
            dependencies: ["Supervision", deque],
            swiftSettings: settings
        ),
        .target(
            name: "WingmanTesting",
            dependencies: ["Supervision", "SupervisionTesting", "Wingman", deque, logging],
            exclude: ["README.md"],
            swiftSettings: settings
        ),

        // The command line.
        .target(
            name: "WingmanCommandKit",
            dependencies: ["Wingman", argumentParser, logging],
            swiftSettings: settings
        ),
        .target(
            name: "WingmanCommand",
            dependencies: [
                "Supervision", "Wingman", "WingmanCommandKit", "WingmanRedis",
                .target(name: "WingmanSQLite", condition: .when(traits: ["SQLite"])),
                argumentParser, configuration, logging,
            ],
            swiftSettings: settings
        ),

        // Plugins: one folder each, through the public API only.
        .target(
            name: "WingmanQueueLatency",
            dependencies: ["Wingman", logging, metrics, serviceLifecycle],
            path: "Plugins/QueueLatency",
            exclude: ["README.md"],
            swiftSettings: settings
        ),
        .target(
            name: "WingmanRemoteOrchestrator",
            dependencies: [
                "Supervision", "Wingman", "WingmanCommandKit", argumentParser, logging, metrics, serviceLifecycle,
            ],
            path: "Plugins/RemoteOrchestrator",
            exclude: ["README.md"],
            swiftSettings: settings
        ),
        .target(
            name: "WingmanScheduler",
            dependencies: [
                "Supervision", "Wingman", "WingmanCommandKit", argumentParser, logging, metrics, serviceLifecycle,
            ],
            path: "Plugins/Scheduler",
            exclude: ["README.md"],
            swiftSettings: settings
        ),

        // Executables: the example to learn from, and the worker for load and faults.
        .executableTarget(
            name: "wingman-demo",
            dependencies: [
                "Wingman", "WingmanCommand", "WingmanRemoteOrchestrator", "WingmanScheduler", logging, serviceLifecycle,
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "wingman-load",
            dependencies: [
                "Supervision", "Wingman", "WingmanCommand", "WingmanQueueLatency", "WingmanRemoteOrchestrator",
                "WingmanScheduler", serviceLifecycle,
            ],
            swiftSettings: settings
        ),

        // Tests. TestSupport starts real servers and processes, and keeps the manual clock.
        .target(
            name: "TestSupport",
            dependencies: ["HiredisNIO", "Supervision", "SupervisionTesting", deque, logging],
            path: "Tests/TestSupport",
            swiftSettings: settings
        ),
        // What the tests of the stores ask of a store, in few words.
        .target(
            name: "StoreTestSupport",
            dependencies: ["TestSupport", "Wingman"],
            path: "Tests/StoreTestSupport",
            swiftSettings: settings
        ),
        .testTarget(
            name: "SupervisionTests",
            dependencies: [
                "Supervision", "TestSupport", logging, metrics, serviceLifecycle,
                .product(name: "MetricsTestKit", package: "swift-metrics"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "HiredisNIOTests",
            dependencies: [
                "HiredisNIO",
                "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "WingmanTests",
            dependencies: ["Supervision", "TestSupport", "Wingman", logging, serviceLifecycle],
            swiftSettings: settings
        ),
        .testTarget(
            name: "WingmanRedisTests",
            dependencies: ["HiredisNIO", "StoreTestSupport", "TestSupport", "Wingman", "WingmanRedis", logging],
            swiftSettings: settings
        ),
        .testTarget(
            name: "WingmanSQLiteTests",
            dependencies: ["StoreTestSupport", "TestSupport", "Wingman", "WingmanSQLite", grdb, logging],
            swiftSettings: settings
        ),
        .testTarget(
            name: "StoreConformance",
            dependencies: [
                "HiredisNIO", "TestSupport", "Wingman", "WingmanRedis", "WingmanSQLite", "WingmanTesting", deque, grdb,
                logging,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "WingmanTestingTests",
            dependencies: ["Supervision", "TestSupport", "Wingman", "WingmanTesting", logging],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SchedulerTests",
            dependencies: [
                "Supervision", "TestSupport", "Wingman", "WingmanRedis", "WingmanScheduler", "WingmanSQLite",
                "WingmanTesting",
                argumentParser, logging,
            ],
            exclude: ["Fixtures"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PluginTests",
            dependencies: [
                "Supervision", "TestSupport", "Wingman", "WingmanQueueLatency", "WingmanRemoteOrchestrator",
                "WingmanScheduler", "WingmanTesting", logging,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "WingmanCommandTests",
            dependencies: [
                "TestSupport", "Wingman", "WingmanCommand", "WingmanCommandKit", argumentParser, logging,
            ],
            swiftSettings: settings
        ),
        // Packages outside of this one, written to a temporary folder and built: slow.
        .testTarget(
            name: "PackageTests",
            dependencies: ["TestSupport", "Wingman"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "InteropTests",
            dependencies: ["TestSupport"],
            exclude: ["Ruby"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FaultTests",
            dependencies: ["TestSupport"],
            swiftSettings: settings
        ),
    ]
)

// For Scripts/conformance, which builds for release, where each target takes minutes: nothing but what it runs.
if Context.environment["WINGMAN_ONLY_CONFORMANCE"] == "1" {
    package.targets.removeAll { [.test, .executable].contains($0.type) && $0.name != "StoreConformance" }
    package.products.removeAll { $0 is Product.Executable }
}
