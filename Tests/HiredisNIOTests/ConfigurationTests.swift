import HiredisNIO
import Testing

@Suite("URLs")
struct ConfigurationTests {
    @Test(
        "what a URL says",
        arguments: [
            ("redis://localhost", "redis://localhost:6379/0"),
            ("redis://", "redis://localhost:6379/0"),
            ("REDIS://Example.org:7000/3", "redis://Example.org:7000/3"),
            ("redis://10.0.0.1:6380/", "redis://10.0.0.1:6380/0"),
            ("redis://[::1]:6380/2", "redis://[::1]:6380/2"),
            ("redis://[::1]", "redis://[::1]:6379/0"),
            ("redis://h?db=4", "redis://h:6379/4"),
            ("redis://:pass@h/1", "redis://:***@h:6379/1"),
            ("redis://user:pass@h", "redis://user:***@h:6379/0"),
            ("redis://user:p@ss:word@h", "redis://user:***@h:6379/0"),
            ("redis://:@h", "redis://h:6379/0"),
            ("redis://@h", "redis://h:6379/0"),
            ("redis://a%40b:%25@h", "redis://a@b:***@h:6379/0"),
            ("rediss://h", "rediss://h:6379/0"),
            ("rediss://u:p@h:6390/1?cacert=/etc/ca.pem&sni=redis.internal", "rediss://u:***@h:6390/1"),
            ("redis+unix:///run/redis.sock", "redis+unix:///run/redis.sock"),
            ("redis+unix:///run/a%20b.sock?db=2", "redis+unix:///run/a b.sock?db=2"),
            ("unix:///run/redis.sock", "redis+unix:///run/redis.sock"),
            ("redis+unix://u:p@/run/redis.sock", "redis+unix://u:***@/run/redis.sock"),
        ]
    )
    func parse(url: String, description: String) throws {
        #expect(try RedisConfiguration(url: url).description == description)
    }

    @Test("the parts of a URL are decoded")
    func parts() throws {
        let configuration = try RedisConfiguration(url: "rediss://u%2F:p%3A%40+@h/9?cacert=%2Fca&sni=n")
        #expect(configuration.credentials == RedisCredentials(user: "u/", password: "p:@+"))
        #expect(configuration.tls == RedisTLS(authorityFile: "/ca", serverName: "n"))
        #expect(configuration.database == 9)
        #expect(configuration.endpoint == .tcp(host: "h", port: 6379))
    }

    @Test(
        "a wrong URL is refused with the part that is wrong, and without any of its text",
        arguments: [
            ("localhost:6379", "begin"), ("http://h", "scheme"), ("", "begin"), ("redis:///x", "database"),
            ("redis://h:0", "port"), ("redis://h:65536", "port"), ("redis://h:+1", "port"), ("redis://h:", "port"),
            ("redis://:sesame/x@h", "port"), ("redis://:sesame?x@h", "parameter"), ("redis://:sesame#x@h", "#"),
            ("redis://sesame@h", "user"), ("redis://h/-1", "database"), ("redis://h/99999999999", "database"),
            ("redis://h/0?db=", "no value"), ("redis://h?sesame=1", "parameter"), ("redis://h?cacert=/x", "rediss"),
            ("redis://:%zz@h", "password"), ("redis://:%2@h", "password"), ("redis://:%+f@h", "password"),
            ("redis://:%ff@h", "password"), ("redis://a%00:x@h", "user"), ("redis://[::1", "bracket"),
            ("redis://[]:1", "address"), ("redis+unix://run/redis.sock", "absolute"), ("unix://", "absolute"),
        ]
    )
    func refuse(url: String, mention: String) {
        let error = #expect(throws: RedisError.self) { try RedisConfiguration(url: url) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.kind == .permanent)
        #expect(error?.description.contains(mention) == true)
        #expect(error?.description.contains("sesame") == false)
    }

    @Test("no way of printing a configuration shows the password")
    func secrecy() throws {
        let configuration = try RedisConfiguration(url: "redis://user:sesame@h")
        var dumped = ""
        dump(configuration, to: &dumped)
        dump(configuration.credentials, to: &dumped)
        let client = RedisClient(configuration)
        dump(client, to: &dumped)
        let texts = [
            "\(configuration)", String(reflecting: configuration), "\(configuration.credentials as Any)", dumped,
            String(reflecting: configuration.credentials), String(reflecting: client),
        ]
        for text in texts { #expect(!text.contains("sesame")) }
        #expect(dumped.contains("user"))
    }

    @Test("pauses grow from 50 ms to 5 s, anywhere below their ceiling")
    func backoff() {
        let backoff = RedisBackoff()
        let ceilings = (1...9).map { backoff.ceiling(afterFailures: $0) }
        #expect(ceilings == [50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000].map { Duration.milliseconds($0) })
        #expect(backoff.ceiling(afterFailures: .max) == .seconds(5))
        #expect(backoff.ceiling(afterFailures: 0) == .milliseconds(50))
        var generator = SplitMix64(state: 1)
        let pauses = (0..<1_000).map { _ in backoff.pause(afterFailures: 3, using: &generator) }
        #expect(pauses.allSatisfy { (.zero ... .milliseconds(200)).contains($0) })
        #expect((pauses.min() ?? .seconds(1)) < .milliseconds(10))
        #expect((pauses.max() ?? .zero) > .milliseconds(190))
    }
}
