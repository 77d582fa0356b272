internal import Wingman

/// What INFO says of a server, and whether it can be our store.
struct ServerFacts: Equatable {
    /// Scripts with flags, `ZRANGE … BYSCORE` and `EXPIRE … NX` came with 7.
    static let leastVersion = 7

    var version = ""
    var isCluster = false
    var isReplica = false
    var evictionPolicy = ""
    var isAppendOnly = false

    init(info: String) {
        for line in info.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = String(line[line.index(after: colon)...])
            switch line[..<colon] {
            case "redis_version": self.version = value
            case "cluster_enabled": self.isCluster = value == "1"
            case "role": self.isReplica = value == "slave"
            case "maxmemory_policy": self.evictionPolicy = value
            case "aof_enabled": self.isAppendOnly = value == "1"
            default: break
            }
        }
    }

    /// Why this server cannot be used.
    func refusal(at location: String) -> StoreError? {
        let major = self.version.split(separator: ".").first.flatMap { Int($0) } ?? 0
        if major < Self.leastVersion {
            let found = self.version.isEmpty ? "an unknown version" : self.version
            return StoreError(.refused, "Redis at \(location) is \(found); 7.0 or later is needed, or Valkey 7.2")
        }
        if self.isCluster {
            return StoreError(
                .refused,
                "Redis at \(location) runs in cluster mode; use a single server (a job is moved between keys of any slot)"
            )
        }
        if self.isReplica {
            return StoreError(
                .refused,
                "Redis at \(location) is a replica, which takes no writes; connect to its master"
            )
        }
        return nil
    }

    /// What endangers jobs although the server can be used; each says what to do.
    var warnings: [String] {
        var warnings: [String] = []
        if self.evictionPolicy != "noeviction", !self.evictionPolicy.isEmpty {
            warnings.append(
                "maxmemory-policy is \(self.evictionPolicy): Redis may throw jobs away when memory is full; "
                    + "set maxmemory-policy noeviction"
            )
        }
        if !self.isAppendOnly {
            warnings.append(
                "appendonly is off: jobs accepted since the last snapshot are lost if Redis dies; set appendonly yes"
            )
        }
        return warnings
    }
}
