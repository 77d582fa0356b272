/// The tables, and how older files get them. The version is SQLite's `user_version`.
enum Schema {
    /// Tells our files from other programs': "Wing" in ASCII.
    static let applicationID = 0x5769_6E67

    /// What leads from each version to the next; their number is the version. Never change one that was released: append.
    static let migrations: [String] = [Self.first]

    /// A job waits in `jobs`, ordered by its row number: the source's number, then its place in the source (see
    /// ``SourceRange``). That needs no index, and one b-tree insertion is all that a push is. A claim moves it to `held`,
    /// a settlement deletes it there; `held` holds what runs now and is small, so it needs no index either.
    private static let first = """
        CREATE TABLE clock (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            last INTEGER,                          -- ms of the last beat of anyone
            lease INTEGER NOT NULL DEFAULT 0,      -- ms that it asked for
            grace INTEGER NOT NULL DEFAULT 0       -- ms: nobody is rescued before
        ) STRICT;
        INSERT INTO clock (id) VALUES (1);

        CREATE TABLE sources (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,             -- 'queue:NAME', or the key of a plain list
            is_queue INTEGER NOT NULL DEFAULT 0,   -- shown among the queues: was pushed to
            is_paused INTEGER NOT NULL DEFAULT 0,
            expires INTEGER                        -- ms: what is in the list goes away then
        ) STRICT;

        CREATE TABLE jobs (
            id INTEGER PRIMARY KEY,                -- source and place
            payload BLOB NOT NULL
        ) STRICT;

        CREATE TABLE held (
            id INTEGER PRIMARY KEY,                -- the later claimed, the larger
            process INTEGER NOT NULL,
            lane INTEGER NOT NULL,
            step INTEGER NOT NULL,
            source INTEGER NOT NULL,
            crashes INTEGER NOT NULL,
            payload BLOB NOT NULL
        ) STRICT;

        CREATE TABLE processes (
            id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again: tokens name it
            name TEXT NOT NULL UNIQUE,
            state INTEGER NOT NULL,                -- 0 leased, 1 being emptied, 2 grave
            moment INTEGER NOT NULL,               -- ms: end of the lease; of being fenced; of being emptied
            convicts INTEGER NOT NULL DEFAULT 0,   -- its death counts against what it held
            isolated INTEGER,                      -- the held row that runs alone
            session INTEGER NOT NULL,              -- of the store object that registered it
            boot TEXT NOT NULL,                    -- which host
            machine TEXT NOT NULL,
            beat INTEGER NOT NULL DEFAULT 0,       -- number of the last beat
            signals TEXT NOT NULL DEFAULT '',      -- brought by it
            info TEXT NOT NULL DEFAULT '',
            concurrency INTEGER NOT NULL DEFAULT 0,
            busy INTEGER NOT NULL DEFAULT 0,
            is_quiet INTEGER NOT NULL DEFAULT 0,
            resident INTEGER NOT NULL DEFAULT 0,   -- KiB
            round_trip INTEGER NOT NULL DEFAULT 0, -- us
            beat_at REAL NOT NULL DEFAULT 0
        ) STRICT;

        CREATE TABLE lanes (
            process INTEGER NOT NULL,
            lane INTEGER NOT NULL,
            number INTEGER NOT NULL,               -- of the last step, and its answer:
            answers TEXT NOT NULL,                 -- O done, S stale, E failed; then the reasons
            is_expired INTEGER NOT NULL,
            first INTEGER NOT NULL,                -- the held rows that it claimed
            count INTEGER NOT NULL,
            PRIMARY KEY (process, lane)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE timed (
            id INTEGER PRIMARY KEY,
            place TEXT NOT NULL,                   -- retry, schedule, dead, quarantine, later:LIST
            at REAL NOT NULL,                      -- seconds since 1970
            hash INTEGER NOT NULL,                 -- of the payload: finds one by its bytes
            payload BLOB NOT NULL
        ) STRICT;
        CREATE INDEX timed_by_time ON timed (place, at);
        CREATE INDEX timed_by_hash ON timed (place, hash);

        CREATE TABLE suspects (
            payload BLOB NOT NULL PRIMARY KEY,
            crashes INTEGER NOT NULL,
            at INTEGER NOT NULL                    -- ms of the last of them
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE keys (
            namespace TEXT NOT NULL,
            name TEXT NOT NULL,
            value BLOB NOT NULL,                   -- a counter's as decimal text
            expires INTEGER,                       -- ms
            PRIMARY KEY (namespace, name)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX keys_by_expiry ON keys (expires) WHERE expires IS NOT NULL;

        CREATE TABLE members (
            namespace TEXT NOT NULL,
            name TEXT NOT NULL,
            member BLOB NOT NULL,
            PRIMARY KEY (namespace, name, member)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE leaders (
            role TEXT NOT NULL PRIMARY KEY,
            term INTEGER NOT NULL,
            process TEXT,
            until INTEGER NOT NULL,                -- ms
            granted INTEGER NOT NULL               -- ms: the time in office that `until` was made of
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE days (
            day INTEGER PRIMARY KEY,               -- since 1970; 0 holds the sum of days forgotten
            processed INTEGER NOT NULL,
            failed INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE executions (
            minute INTEGER NOT NULL,               -- since 1970
            class TEXT NOT NULL,
            processed INTEGER NOT NULL,
            failed INTEGER NOT NULL,
            milliseconds INTEGER NOT NULL,
            histogram TEXT NOT NULL,               -- counts by bucket, separated by spaces
            PRIMARY KEY (minute, class)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE signals (
            id INTEGER PRIMARY KEY,
            process TEXT NOT NULL,
            signal TEXT NOT NULL,
            at INTEGER NOT NULL                    -- ms
        ) STRICT;
        """
}
