import Testing
import Wingman

@testable import WingmanSQLite

@Suite("Where a store is")
struct AddressTests {
    @Test(
        "A URL names a file here, or memory",
        arguments: [
            ("sqlite:store.db", "store.db"), ("sqlite:.wingman/store.db", ".wingman/store.db"),
            ("sqlite:/var/lib/x.db", "/var/lib/x.db"), ("sqlite:///var/lib/x.db", "/var/lib/x.db"),
            ("sqlite::memory:", nil),
            ("sqlite:a b.db?synchronous=normal", "a b.db"),
        ]
    )
    func paths(url: String, path: String?) throws {
        #expect(try SQLiteAddress(url: url).path == path)
    }

    @Test("Options are read, and never shown")
    func options() throws {
        let address = try SQLiteAddress(
            url: "sqlite:x.db?synchronous=normal&busy_timeout=250&network=allow&check=off&wal_autocheckpoint=100"
        )
        #expect(address.synchronous == .normal)
        #expect(address.busyTimeout == .milliseconds(250))
        #expect(address.allowsNetwork)
        #expect(address.check == .off)
        #expect(address.pagesOfLog == 100)
        #expect(address.location == "sqlite:x.db")
        #expect(try SQLiteAddress(url: "sqlite:x.db").synchronous == .full)
    }

    @Test(
        "What makes no sense is refused, and named",
        arguments: [
            "redis://x", "sqlite:", "sqlite://host/x.db", "sqlite:dir/", "sqlite:x.db?sync=full",
            "sqlite:x.db?synchronous=off",
            "sqlite:x.db?busy_timeout=soon", "sqlite:x.db?busy_timeout=-1", "sqlite:x.db?synchronous",
        ]
    )
    func refusals(url: String) {
        let error = #expect(throws: StoreError.self) { _ = try SQLiteAddress(url: url) }
        #expect(error?.code == .refused)
        #expect(error?.message.contains("'\(url)'") == true)
    }

    @Test(
        "Network file systems are known by their names",
        arguments: [
            ("ext4", false), ("tmpfs", false), ("overlay", false), ("virtiofs", false), ("fuseblk", false),
            ("fuse.fuse-overlayfs", false), ("nfs", true), ("nfs4", true), ("cifs", true), ("smb3", true), ("9p", true),
            ("fuse.sshfs", true), ("fuse.unheard-of", true), ("ceph", true),
        ]
    )
    func fileSystems(type: String, isNetwork: Bool) {
        #expect(FileSystem(type: type, mountPoint: "/").isNetwork == isNetwork)
    }

    @Test("A directory's file system is found by its device, else by the longest mount point above it")
    func mounts() throws {
        let mounts = """
            22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
            30 22 0:27 / /mnt rw - tmpfs tmpfs rw
            31 22 0:44 / /mnt/my\\040share rw shared:3 master:1 - nfs4 server:/x rw
            broken line
            """
        func type(_ device: String, _ path: String) -> String? {
            FileSystem.find(device: device, path: path, in: mounts)?.type
        }
        #expect(type("0:44", "/elsewhere") == "nfs4")
        #expect(type("9:9", "/mnt/my share/store") == "nfs4")
        #expect(type("9:9", "/mnt/my sharex") == "tmpfs")
        #expect(type("9:9", "/mntx") == "ext4")
        #expect(FileSystem.of(directory: "/")?.isNetwork == false)
    }
}
