import ArgumentParser

/// The options that name the store and the configuration file, the same in every command.
struct StoreOptions: ParsableArguments {
    @Option(
        name: .customLong("store"),
        help: ArgumentHelp(
            "The store: redis://, rediss://, redis+unix:// or sqlite:PATH (else WINGMAN_STORE, REDIS_URL, then a file).",
            valueName: "url"
        )
    )
    var url: String?

    @OptionGroup var configuration: ConfigurationFile
}

/// The flag for programs that read what is printed.
struct FormatOptions: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Print JSON, one value a line.")
    var isJSON = false
}
