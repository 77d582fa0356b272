extension RedisServerError {
    /// What an error means for the caller, and for the operator.
    struct Verdict {
        var kind: Kind
        var advice: String

        init(_ kind: Kind, _ advice: String) {
            self.kind = kind
            self.advice = advice
        }
    }

    /// The verdict on this error: by its code, and for Redis' catch-all `ERR` by its text.
    var verdict: Verdict {
        if let verdict = Self.verdicts[self.code] { return verdict }
        let text = self.message.lowercased()
        return Self.textVerdicts.first { text.contains($0.text) }?.verdict
            ?? Verdict(.bug, "this program sent something that this server does not accept: please report it")
    }

    private static let verdicts: [String: Verdict] = [
        // Passing states of a server.
        "BUSY": Verdict(.transient, "a script runs for too long on the server; SCRIPT KILL ends it"),
        "CLUSTERDOWN": Verdict(.transient, "the cluster has no majority; note that Redis Cluster is not supported"),
        "LOADING": Verdict(.transient, "the server is reading its data from disk; wait until it has"),
        "MASTERDOWN": Verdict(.transient, "a replica has lost its master; connect to the master"),
        "MISCONF": Verdict(
            .transient,
            "the server cannot write snapshots to its disk and refuses writes; free its disk"
        ),
        "NOREPLICAS": Verdict(.transient, "too few replicas are connected for min-replicas-to-write"),
        "OOM": Verdict(
            .transient,
            "the server's maxmemory is reached: raise it or remove data; keep policy noeviction"
        ),
        "READONLY": Verdict(
            .transient,
            "this is a replica: connect to the master, or wait for the end of the failover"
        ),
        "TRYAGAIN": Verdict(.transient, "slots are moving between nodes; note that Redis Cluster is not supported"),
        "UNBLOCKED": Verdict(.transient, "the blocking command was ended by a failover or CLIENT UNBLOCK"),
        "UNKILLABLE": Verdict(.transient, "a script that has written runs for too long; wait, or SHUTDOWN NOSAVE"),
        "NOSCRIPT": Verdict(.transient, "the server has forgotten its scripts; they are loaded again by eval"),

        // What stays until somebody changes a configuration.
        "ASK": Verdict(.permanent, "Redis Cluster is not supported: use a single server"),
        "CROSSSLOT": Verdict(.permanent, "Redis Cluster is not supported: use a single server"),
        "DENIED": Verdict(.permanent, "protected mode: give the server a password, or bind it to loopback"),
        "MOVED": Verdict(.permanent, "Redis Cluster is not supported: use a single server"),
        "NOAUTH": Verdict(.permanent, "the server wants a password: redis://:PASSWORD@host"),
        "NOPERM": Verdict(.permanent, "the ACL of this user forbids the command or the key: extend it by ACL SETUSER"),
        "WRONGPASS": Verdict(
            .permanent,
            "user or password is wrong, or the user is disabled: check the URL and ACL LIST"
        ),

        // Errors of the program.
        "EXECABORT": Verdict(.bug, "a command of this transaction was refused: please report it"),
        "NOPROTO": Verdict(.bug, "the server does not speak this version of the protocol: please report it"),
        "WRONGTYPE": Verdict(.bug, "the key holds another type: another program uses the same name, or this one errs"),
    ]

    private static let textVerdicts: [(text: String, verdict: Verdict)] = [
        ("max number of clients", Verdict(.transient, "the server's maxclients is reached: raise it or close clients")),
        ("invalid password", Verdict(.permanent, "the password is wrong: check the URL")),
        ("without any password configured", Verdict(.permanent, "the server has no password: take it out of the URL")),
        ("no password is set", Verdict(.permanent, "the server has no password: take it out of the URL")),
        (
            "db index is out of range",
            Verdict(.permanent, "the server has fewer databases: see its `databases` setting")
        ),
        (
            "select is not allowed in cluster",
            Verdict(.permanent, "Redis Cluster is not supported: use a single server")
        ),
        (
            "unknown command",
            Verdict(.permanent, "the server lacks the command: version 7 or later is needed, unrenamed")
        ),
    ]
}
