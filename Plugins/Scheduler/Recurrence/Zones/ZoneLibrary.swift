import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The time zone database of the machine: a folder of files, each read when it is first asked for and kept.
///
/// The only part of recurrences that touches the machine. It never falls back to UTC: a job at the wrong hour is worse
/// than a process that says at its start what it lacks.
public final class ZoneLibrary: Sendable {
    /// The library of this process: the folder named by TZDIR, or else the usual ones.
    public static let shared = ZoneLibrary(folders: ZoneLibrary.folders(ProcessInfo.processInfo.environment["TZDIR"]))

    private let folders: [String]
    private let known = Mutex<[String: Zone]>([:])
    private let listed = Mutex<[String]?>(nil)

    /// A library in the first of these folders that exists.
    public init(folders: [String]) {
        self.folders = folders
    }

    static func folders(_ variable: String?) -> [String] {
        if let variable, !variable.isEmpty { return [variable] }
        return ["/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo"]
    }

    /// The zone of that name.
    ///
    /// - Throws: ``RecurrenceError`` with code `unknownZone` or `zoneData`.
    public func zone(named name: String) throws(RecurrenceError) -> Zone {
        if Self.universal.contains(name) { return Zone(name: name, table: Zone.utc.table) }
        if let zone = self.known.withLock({ $0[name] }) { return zone }
        guard let folder = self.folder else { throw Self.noDatabase(self.folders) }
        guard Self.isName(name), let data = FileManager.default.contents(atPath: "\(folder)/\(name)"),
            data.count <= Self.largestFile
        else { throw self.unknown(name) }
        let zone = try Self.zone(named: name, bytes: Array(data))
        self.known.withLock { $0[name] = zone }
        return zone
    }

    /// The names of all zones, in order; empty without a database. The folder is read once.
    public func names() -> [String] {
        self.listed.withLock { listed in
            let names = listed ?? self.list()
            listed = names
            return names
        }
    }

    private func list() -> [String] {
        guard let folder = self.folder else { return [] }
        let paths = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
        return paths.filter { path in
            // The database also has tables, and its zones once more under `posix` and, with leap seconds, under `right`.
            guard Self.isName(path), let first = path.utf8.first, 0x41...0x5a ~= first, path != "Factory" else {
                return false
            }
            var isFolder = false
            return FileManager.default.fileExists(atPath: "\(folder)/\(path)", isDirectory: &isFolder) && !isFolder
        }
        .sorted()
    }

    private var folder: String? {
        self.folders.first { folder in
            var isFolder = false
            return FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) && isFolder
        }
    }

    private static func zone(named name: String, bytes: [UInt8]) throws(RecurrenceError) -> Zone {
        do {
            return Zone(name: name, table: try TZif(bytes).table)
        } catch .countsLeapSeconds {
            throw RecurrenceError(.zoneData, field: "zone", "\"\(name)\" counts leap seconds: leave out \"right/\"")
        } catch {
            throw RecurrenceError(.zoneData, field: "zone", "the file of time zone \"\(name)\" is damaged or no zone")
        }
    }

    private func unknown(_ name: String) -> RecurrenceError {
        let near = ZoneNames.near(name, among: self.names())
        let hint = near.isEmpty ? "" : "; near: \(near.joined(separator: ", "))"
        let message = "there is no time zone \(RecurrenceError.quote(name.utf8))\(hint)"
        return RecurrenceError(.unknownZone, field: "zone", message)
    }

    private static func noDatabase(_ folders: [String]) -> RecurrenceError {
        RecurrenceError(
            .zoneData,
            field: "zone",
            "no time zone data in \(folders.joined(separator: ", ")): install the package tzdata, or set TZDIR"
        )
    }

    /// Names that mean UTC on every machine.
    private static let universal: Set<String> = ["UTC", "Etc/UTC", "GMT", "Etc/GMT", "Z"]
    /// The largest file of the database has less than 4 KiB.
    private static let largestFile = 1 << 20

    /// Whether the text can be the name of a zone: parts of letters, digits, `_`, `+` and `-`, so that no name leaves the
    /// folder, is absolute or names one of its tables.
    static func isName(_ name: String) -> Bool {
        guard name.utf8.count <= 64 else { return false }
        let parts = name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return !["localtime", "posixrules", "leapseconds"].contains(name)
            && parts.allSatisfy { part in !part.isEmpty && part.allSatisfy(Self.isNameByte) }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        case UInt8(ascii: "_"), UInt8(ascii: "+"), UInt8(ascii: "-"): true
        default: false
        }
    }
}
