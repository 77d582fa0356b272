import TestSupport
import Testing
import WingmanScheduler

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Zones: the files, the rule for the future, the names.
@Suite struct ZoneTests {
    @Test(
        "an unknown, absolute or winding name is refused",
        arguments: [
            "Europe/Berln", "", "/etc/passwd", "../../etc/passwd", "Europe/../Europe/Berlin", "Europe/./Berlin",
            "Europe",
            "Europe/", "europe/berlin", "tzdata.zi", "zone.tab", "localtime", "posixrules", "Europe\0/Berlin",
            "Eur ope",
            String(repeating: "A", count: 100_000),
        ]
    )
    func refused(name: String) {
        let error = #expect(throws: RecurrenceError.self) { try Zone(named: name) }
        #expect(error?.code == .unknownZone)
        #expect((error?.description.utf8.count ?? 0) < 300)
    }

    @Test("an error names the zones that are near: other case, a slip, another continent")
    func near() {
        for name in ["Europe/Berln", "europe/berlin", "Europe/Belrin", "Asia/Berlin", "Berlin", "EUROPE/BERLIN"] {
            let error = #expect(throws: RecurrenceError.self) { try Zone(named: name) }
            #expect(error?.description.contains("Europe/Berlin") == true, "\(name)")
        }
    }

    @Test("a file with leap seconds is refused")
    func leapSeconds() throws {
        try #require(FileManager.default.fileExists(atPath: "/usr/share/zoneinfo/right/Europe/Berlin"))
        let error = #expect(throws: RecurrenceError.self) { try Zone(named: "right/Europe/Berlin") }
        #expect(error?.code == .zoneData)
    }

    @Test("without a database UTC still works, and every other zone says which package is missing")
    func noDatabase() throws {
        let library = ZoneLibrary(folders: ["/nonexistent/zoneinfo"])
        #expect(try library.zone(named: "UTC").offset(at: Instant(secondsSince1970: 0)) == 0)
        let error = #expect(throws: RecurrenceError.self) { try library.zone(named: "Europe/Berlin") }
        #expect(error?.code == .zoneData)
        #expect(error?.description.contains("tzdata") == true)
        #expect(library.names().isEmpty)
    }

    @Test("a damaged file is an error, cut at any byte or with any byte changed")
    func damage() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("zones-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("Zone").path
        let good = try #require(FileManager.default.contents(atPath: "/usr/share/zoneinfo/Australia/Lord_Howe"))
        var random = SeededGenerator(seed: 2)
        for round in 0..<400 {
            var data = good
            if round % 2 == 0 {
                data = good.prefix(Int.random(in: 0..<good.count, using: &random))
            } else {
                data[Int.random(in: 0..<good.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            try data.write(to: URL(fileURLWithPath: path))
            // Each library remembers what it read.
            let zone = try? ZoneLibrary(folders: [folder.path]).zone(named: "Zone")
            if round % 2 == 0 { #expect(zone == nil) }
            guard let zone else { continue }
            for instant in [Int.min, -1_000_000_000_000, 0, 1_700_000_000, 5_000_000_000, Int.max] {
                _ = zone.wallTime(at: Instant(secondsSince1970: instant))
            }
        }
    }

    @Test("zones of versions 1 to 3, with odd rules in the footer, are read")
    func versions() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("zones-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let library = ZoneLibrary(folders: [folder.path])
        let cases: [(name: String, version: UInt8, footer: String, offsets: [(String, Int)])] = [
            ("One", 0, "", [("2026-07-01T00:00Z", 3_600)]),
            ("Two", 0x32, "CET-1CEST,M3.5.0,M10.5.0/3", [("2026-07-01T00:00Z", 7_200), ("9000-01-01T00:00Z", 3_600)]),
            ("Three", 0x33, "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", [("2026-07-01T00:00Z", -3_600)]),
            ("Julian", 0x33, "AAA-1BBB-2,J60/0,J300/0", [("2028-03-01T00:00Z", 7_200), ("2028-02-29T22:00Z", 3_600)]),
            ("Ordinal", 0x33, "AAA-1BBB-2,59/0,300/0", [("2028-02-29T00:00Z", 7_200), ("2027-02-28T22:00Z", 3_600)]),
            ("Always", 0x33, "XXX3EDT4,0/0,J365/23", [("2026-01-01T02:30Z", -14_400), ("2026-07-01T00:00Z", -14_400)]),
            ("Negative", 0x33, "IST-1GMT0,M10.5.0,M3.5.0/1", [("2026-07-01T00:00Z", 3_600), ("2026-01-01T00:00Z", 0)]),
        ]
        for example in cases {
            try Self.file(version: example.version, footer: example.footer)
                .write(to: folder.appendingPathComponent(example.name))
            let zone = try library.zone(named: example.name)
            for (instant, offset) in example.offsets {
                #expect(zone.offset(at: try #require(Instant(instant))) == offset, "\(example.name) \(instant)")
            }
        }
        for footer in [
            "CET", "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST", "CET-25", "CET-1CEST,M3.5.0", "C-1", "<CET-1", "\u{1}",
        ] {
            try Self.file(version: 0x32, footer: footer).write(to: folder.appendingPathComponent("Bad"))
            #expect(throws: RecurrenceError.self, "\(footer)") {
                try ZoneLibrary(folders: [folder.path]).zone(named: "Bad")
            }
        }
    }

    @Test("a wall time occurs once, twice, or not at all")
    func wallTimes() throws {
        let zone = try Zone(named: "Australia/Lord_Howe")
        func count(_ wall: String) throws -> Int { zone.instants(of: try #require(WallTime(wall))).count }
        #expect(try count("2026-10-04T02:15") == 0)
        #expect(try count("2026-04-05T01:45") == 2)
        #expect(try count("2026-04-05T02:00") == 1)
        #expect(try Zone(named: "Pacific/Apia").instants(of: #require(WallTime("2011-12-30T12:00"))).isEmpty)
    }

    /// A table with one type (an hour ahead) and no changes, and a rule.
    private static func file(version: UInt8, footer: String) -> Data {
        func table(_ size: Int) -> [UInt8] {
            let header = Array("TZif".utf8) + [version] + [UInt8](repeating: 0, count: 15)
            let counts: [UInt8] =
                [0, 0, 0, 0] + [0, 0, 0, 0] + [0, 0, 0, 0] + [0, 0, 0, 0] + [0, 0, 0, 1] + [0, 0, 0, 4]
            return header + counts + [0, 0, 0x0e, 0x10, 0, 0] + Array("CET\0".utf8)
        }
        return Data(version == 0 ? table(4) : table(4) + table(8) + Array("\n\(footer)\n".utf8))
    }
}
