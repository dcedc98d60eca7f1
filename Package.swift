// swift-tools-version: 6.2
import PackageDescription

// Every target of ours: warnings are errors, and every import says whether it leaks into the API.
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// How executables are linked for use, which saves each worker 5 MB of resident memory: what must be relocated as bits
/// instead of a table (needs glibc 2.36), and no symbols for libraries that never ask for them. Only lld does both.
let slim: [LinkerSetting] = [
    .unsafeFlags(
        [
            "-use-ld=lld", "-Xlinker", "--no-export-dynamic", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs",
        ], .when(platforms: [.linux], configuration: .release))
]

func product(_ name: String, _ package: String) -> Target.Dependency { .product(name: name, package: package) }

let log = product("Logging", "swift-log")
let crypto = product("Crypto", "swift-crypto")
let arguments = product("ArgumentParser", "swift-argument-parser")
let nio = [product("NIOCore", "swift-nio"), product("NIOPosix", "swift-nio"), product("NIOSSL", "swift-nio-ssl")]

/// What every executable needs.
let fleet: [Target.Dependency] = ["Fleet", "Ledger", "Production", "Telemetry", arguments, log]

let package = Package(
    name: "ytempire",
    products: [
        .executable(name: "ytempire", targets: ["ytempire"]),
        .executable(name: "ytempire-coordinator", targets: ["Coordinator"]),
        .executable(name: "ytempire-script", targets: ["ScriptWorker"]),
        .executable(name: "ytempire-voice", targets: ["VoiceWorker"]),
        .executable(name: "ytempire-render", targets: ["RenderWorker"]),
        .executable(name: "ytempire-upload", targets: ["UploadWorker"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0", traits: []),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: [.defaults, "YAML"]),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // System libraries
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(
            name: "CFFmpeg", pkgConfig: "libavformat",
            providers: [
                .apt(["libavformat-dev", "libavcodec-dev", "libavfilter-dev", "libswresample-dev", "libswscale-dev"])
            ]),
        .systemLibrary(name: "CAss", providers: [.apt(["libass-dev"])]),
        .systemLibrary(name: "CFlite", providers: [.apt(["flite1-dev"])]),
        .systemLibrary(name: "CEspeak", providers: [.apt(["libespeak-ng-dev"])]),
        .systemLibrary(name: "CSpawn"),
        .systemLibrary(name: "CPrctl"),
        .systemLibrary(name: "CXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        // Libraries that know nothing of videos
        .target(name: "Blocking", swiftSettings: strict),
        .target(
            name: "HTTP",
            dependencies: nio + [
                "Blocking", product("AsyncHTTPClient", "async-http-client"), product("NIOHTTP1", "swift-nio"),
            ], swiftSettings: strict),
        .target(name: "Redis", dependencies: nio + ["CHiredis", log, crypto], swiftSettings: strict),
        .target(name: "Postgres", dependencies: ["Blocking", "CPostgres", log], swiftSettings: strict),
        // Optimised in debug builds too: it touches every sample of every frame.
        .target(name: "CSampling", cSettings: [.unsafeFlags(["-O3"])]),
        .target(name: "Media", dependencies: ["CAss", "CFFmpeg", "CSampling"], swiftSettings: strict),
        .target(name: "Speech", dependencies: ["Blocking", "CFlite", "CEspeak"], swiftSettings: strict),
        // Finds the words of a recording. Optimised in debug builds too: it compares millions of sounds.
        .target(
            name: "Alignment",
            swiftSettings: strict + [.unsafeFlags(["-O"], .when(configuration: .debug))]),
        .target(
            name: "StageQueue", dependencies: ["Redis"], resources: [.embedInCode("Scripts")], swiftSettings: strict),

        // The domain, and the adapters of its ports
        .target(name: "Production", swiftSettings: strict),
        .target(
            name: "Ledger", dependencies: ["Production", "Postgres"], resources: [.embedInCode("Migrations")],
            swiftSettings: strict),
        // Decides on a video: what is seen, written and heard, and when. Reads no file.
        .target(name: "Editing", dependencies: ["Production", "Media"], swiftSettings: strict),
        // Makes a video of a storyboard and its narration, with or without a fleet.
        .target(
            name: "Studio", dependencies: ["Production", "Editing", "Media", crypto], swiftSettings: strict),
        .target(
            name: "ProviderCalling", dependencies: ["HTTP", "Production", product("NIOHTTP1", "swift-nio")],
            path: "Sources/Providers/Calling",
            swiftSettings: strict),
        // Encrypts what must not be readable in Postgres.
        .target(name: "Secrets", dependencies: ["Production", crypto], swiftSettings: strict),
        .target(name: "DurableFiles", path: "Sources/Providers/DurableFiles", swiftSettings: strict),
        .target(
            name: "DiskArtifacts", dependencies: ["Blocking", "Production", "DurableFiles", crypto],
            path: "Sources/Providers/DiskArtifacts", swiftSettings: strict),
        .target(
            name: "S3Artifacts",
            dependencies: [
                "Blocking", "DiskArtifacts", "DurableFiles", "HTTP", "Production", "ProviderCalling", crypto,
                product("NIOHTTP1", "swift-nio"),
            ], path: "Sources/Providers/S3Artifacts", swiftSettings: strict),
        .target(
            name: "Feeds",
            dependencies: [
                "Blocking", "CXML2", product("AsyncHTTPClient", "async-http-client"), product("NIOCore", "swift-nio"),
                product("NIOHTTP1", "swift-nio"), crypto,
            ],
            path: "Sources/Providers/Feeds", swiftSettings: strict),
        .target(
            name: "OfflineScript", dependencies: ["Blocking", "Production", "Feeds"],
            path: "Sources/Providers/OfflineScript",
            swiftSettings: strict),
        .target(
            name: "OpenAI",
            dependencies: [
                "HTTP", "Production", "ProviderCalling", "OfflineScript", "Feeds", product("NIOHTTP1", "swift-nio"),
            ], path: "Sources/Providers/OpenAI", swiftSettings: strict),
        .target(
            name: "OfflineVoice", dependencies: ["Blocking", "Production", "Speech"],
            path: "Sources/Providers/OfflineVoice",
            swiftSettings: strict),
        // What narrators share: times for words whose voice tells none, and scenes joined into a narration.
        .target(
            name: "Narrating", dependencies: ["Alignment", "Blocking", "OfflineVoice", "Production", "Speech"],
            path: "Sources/Providers/Narrating", swiftSettings: strict),
        // Voices by HTTP, and the order in which all voices are asked.
        .target(
            name: "Speakers",
            dependencies: [
                "Blocking", "HTTP", "Media", "Narrating", "OfflineVoice", "Production", "ProviderCalling", "Speech",
                product("NIOHTTP1", "swift-nio"),
            ], path: "Sources/Providers/Speakers", swiftSettings: strict),
        .target(
            name: "CommandVoice",
            dependencies: ["Blocking", "CSpawn", "Narrating", "OfflineVoice", "Production", "Speech"],
            path: "Sources/Providers/CommandVoice", swiftSettings: strict),
        .target(
            name: "GeneratedArt", dependencies: ["Blocking", "Production", "DurableFiles", "CZlib"],
            path: "Sources/Providers/GeneratedArt", swiftSettings: strict),
        .target(
            name: "YouTube",
            dependencies: nio + [
                "Blocking", "HTTP", "Production", "ProviderCalling", product("NIOHTTP1", "swift-nio"), crypto,
            ],
            path: "Sources/Providers/YouTube", swiftSettings: strict),
        .target(
            name: "Stock",
            dependencies: [
                "Blocking", "HTTP", "Media", "Production", "ProviderCalling", product("NIOHTTP1", "swift-nio"), crypto,
            ], path: "Sources/Providers/Stock", swiftSettings: strict),
        .target(
            name: "OfflinePublisher", dependencies: ["Blocking", "Production", "DurableFiles"],
            path: "Sources/Providers/OfflinePublisher", swiftSettings: strict),

        // What only a test configuration can switch on
        .target(name: "Failpoints", swiftSettings: strict),
        .target(
            name: "Rehearsal",
            dependencies: [
                "Failpoints", "Fleet", "Ledger", "Production", product("NIOCore", "swift-nio"),
                product("NIOPosix", "swift-nio"),
            ],
            path: "Sources/Providers/Rehearsal", swiftSettings: strict),

        // What executables share
        .target(
            name: "Telemetry",
            dependencies: [
                log, product("NIOCore", "swift-nio"), product("NIOPosix", "swift-nio"),
                product("NIOHTTP1", "swift-nio"),
            ], swiftSettings: strict),
        .target(
            name: "Fleet",
            dependencies: [
                "CPrctl", "Failpoints", "HTTP", "Production", "Ledger", "Postgres", "Redis", "StageQueue", "Blocking",
                "Telemetry", "Yams",
                arguments, log, crypto,
                product("Configuration", "swift-configuration"), product("SystemPackage", "swift-system"),
                product("UnixSignals", "swift-service-lifecycle"),
            ], resources: [.embedInCode("Configuration/prices.yaml")], swiftSettings: strict),

        // Tells the world outside what happened.
        .target(
            name: "Webhooks",
            dependencies: [
                "HTTP", "Ledger", "Production", "Telemetry", crypto, log, product("NIOHTTP1", "swift-nio"),
            ], swiftSettings: strict),

        // Opens the store of artifacts that the configuration names.
        .target(
            name: "ArtifactStores", dependencies: ["Fleet", "DiskArtifacts", "S3Artifacts", "HTTP", "Production"],
            swiftSettings: strict),

        // Executables
        .executableTarget(
            name: "ytempire",
            dependencies: fleet + [
                "Postgres", "Redis", "StageQueue", "Media", "DiskArtifacts", "Feeds", "Editing", "Studio",
                "ArtifactStores", "GeneratedArt", "HTTP", "OfflineVoice", "ProviderCalling", "S3Artifacts", "Secrets",
                "YouTube",
            ],
            swiftSettings: strict, linkerSettings: slim),
        .executableTarget(
            name: "Coordinator", dependencies: fleet + ["Failpoints", "Postgres", "StageQueue", "ArtifactStores"],
            swiftSettings: strict, linkerSettings: slim),
        .executableTarget(
            name: "ScriptWorker",
            dependencies: fleet + ["ArtifactStores", "Feeds", "HTTP", "OfflineScript", "OpenAI", "Rehearsal"],
            path: "Workers/Script", swiftSettings: strict, linkerSettings: slim),
        .executableTarget(
            name: "VoiceWorker",
            dependencies: fleet + [
                "ArtifactStores", "CommandVoice", "HTTP", "OfflineVoice", "Rehearsal", "Speakers",
            ],
            path: "Workers/Voice",
            swiftSettings: strict, linkerSettings: slim),
        .executableTarget(
            name: "RenderWorker",
            dependencies: fleet + [
                "ArtifactStores", "Editing", "GeneratedArt", "HTTP", "Media", "Rehearsal", "Stock", "Studio", crypto,
            ],
            path: "Workers/Render", swiftSettings: strict, linkerSettings: slim),
        .executableTarget(
            name: "UploadWorker",
            dependencies: fleet + [
                "ArtifactStores", "Failpoints", "HTTP", "OfflinePublisher", "ProviderCalling", "Rehearsal", "Secrets",
                "Webhooks", "YouTube",
            ],
            path: "Workers/Upload",
            swiftSettings: strict, linkerSettings: slim),

        // Tests: servers that the suite starts itself, then a target for each module
        .target(
            name: "TestServers",
            dependencies: [product("NIOCore", "swift-nio"), product("NIOPosix", "swift-nio")],
            path: "Tests/TestServers", exclude: ["strict_s3.py"],
            swiftSettings: strict),
        // Providers on loopback ports, strict and scriptable.
        .target(
            name: "ProviderPeers",
            dependencies: nio + ["HTTP", "Production", product("NIOHTTP1", "swift-nio"), crypto],
            path: "Tests/ProviderPeers",
            swiftSettings: strict),
        // Those of them that speak.
        .target(
            name: "SpeechPeers",
            dependencies: [
                "OfflineVoice", "Production", "ProviderPeers", "Speech", product("NIOHTTP1", "swift-nio"),
            ], path: "Tests/SpeechPeers", swiftSettings: strict),
        // All of them at once, with the configuration that connects a fleet to them.
        .target(
            name: "FleetPeers", dependencies: ["Production", "ProviderPeers", "SpeechPeers"], path: "Tests/FleetPeers",
            swiftSettings: strict),
        // `make demo-providers`
        .executableTarget(
            name: "ProviderHost",
            dependencies: [
                "FleetPeers", "Production", "ProviderPeers", "SpeechPeers", arguments,
                product("UnixSignals", "swift-service-lifecycle"),
            ], path: "Tests/ProviderHost", swiftSettings: strict),
        // A month of a fleet's calls, for a benchmark and, smaller, for tests.
        .target(
            name: "MonthTrial",
            dependencies: [
                "DiskArtifacts", "Editing", "Feeds", "Fleet", "HTTP", "Ledger", "Media", "OpenAI", "Postgres",
                "Production", "ProviderCalling", "ProviderPeers", "Speakers", "SpeechPeers", "Stock", "Studio",
                "TestServers", log,
                product("NIOHTTP1", "swift-nio"),
            ], path: "Tests/MonthTrial", swiftSettings: strict),
        .testTarget(
            name: "SpeakersTests",
            dependencies: [
                "Speakers", "SpeechPeers", "ProviderPeers", "HTTP", "Media", "Narrating", "OfflineVoice", "Production",
                "ProviderCalling", "Speech", product("NIOHTTP1", "swift-nio"),
            ], swiftSettings: strict),
        .testTarget(
            name: "OpenAITests",
            dependencies: [
                "OpenAI", "OfflineScript", "Feeds", "HTTP", "Production", "ProviderCalling", "ProviderPeers",
                "TestServers", product("NIOHTTP1", "swift-nio"),
            ], swiftSettings: strict),
        .testTarget(
            name: "HTTPTests", dependencies: ["HTTP", "ProviderPeers", product("NIOHTTP1", "swift-nio")],
            swiftSettings: strict),
        // Run by those tests, not linked: a process in whose memory nothing else is.
        .executableTarget(
            name: "UploadChild", dependencies: ["YouTube", "HTTP", "Production", "ProviderCalling", "ProviderPeers"],
            path: "Tests/UploadChild", swiftSettings: strict),
        .testTarget(
            name: "YouTubeTests",
            dependencies: [
                "YouTube", "HTTP", "Production", "ProviderCalling", "ProviderPeers", "TestServers", "UploadChild",
                product("NIOHTTP1", "swift-nio"), crypto,
            ],
            swiftSettings: strict),
        .testTarget(name: "RedisTests", dependencies: ["Redis", "TestServers", log] + nio, swiftSettings: strict),
        .testTarget(name: "PostgresTests", dependencies: ["Postgres", "TestServers", log], swiftSettings: strict),
        .testTarget(name: "MediaTests", dependencies: ["Media"], swiftSettings: strict),
        // `make fuzz`, a minute of which belongs to the tests.
        .executableTarget(
            name: "MediaFuzz", dependencies: ["Media"], path: "Tests/MediaFuzz", swiftSettings: strict),
        .testTarget(name: "SpeechTests", dependencies: ["Speech"], swiftSettings: strict),
        // Other voices of flite's, as people who say the same words.
        .systemLibrary(name: "CFliteVoices", path: "Tests/CFliteVoices", providers: [.apt(["flite1-dev"])]),
        .testTarget(
            name: "AlignmentTests",
            dependencies: ["Alignment", "OfflineVoice", "Production", "Speech", "CFliteVoices"], swiftSettings: strict),
        .testTarget(
            name: "StageQueueTests", dependencies: ["StageQueue", "Redis", "TestServers", log], swiftSettings: strict),
        .testTarget(
            name: "FeedsTests",
            dependencies: [
                "Feeds", product("NIOCore", "swift-nio"), product("NIOPosix", "swift-nio"),
                product("NIOHTTP1", "swift-nio"),
            ], swiftSettings: strict),
        .testTarget(
            name: "OfflineScriptTests", dependencies: ["OfflineScript", "Feeds", "Production"], swiftSettings: strict),
        .testTarget(
            name: "OfflineVoiceTests", dependencies: ["OfflineVoice", "Production", "Speech"], swiftSettings: strict),
        .testTarget(
            name: "CommandVoiceTests",
            dependencies: ["CFliteVoices", "CommandVoice", "OfflineVoice", "Production", "Speech"],
            swiftSettings: strict),
        .testTarget(
            name: "GeneratedArtTests", dependencies: ["GeneratedArt", "Production", "CZlib"], swiftSettings: strict),
        .testTarget(
            name: "OfflinePublisherTests", dependencies: ["OfflinePublisher", "DurableFiles", "Production", "CXML2"],
            swiftSettings: strict),
        .testTarget(
            name: "DiskArtifactsTests", dependencies: ["DiskArtifacts", "DurableFiles", "Production", crypto],
            swiftSettings: strict),
        // Run by those tests, not linked, for the same reason.
        .executableTarget(
            name: "StoreChild", dependencies: ["S3Artifacts", "HTTP", "Production"], path: "Tests/StoreChild",
            swiftSettings: strict),
        .testTarget(
            name: "S3ArtifactsTests",
            dependencies: [
                "S3Artifacts", "DurableFiles", "HTTP", "Production", "ProviderPeers", "StoreChild", "TestServers",
                crypto,
                product("NIOHTTP1", "swift-nio"),
            ], swiftSettings: strict),
        .testTarget(
            name: "StockTests",
            dependencies: [
                "Stock", "HTTP", "Media", "Production", "ProviderCalling", "ProviderPeers", "Studio", "Editing",
                product("NIOHTTP1", "swift-nio"), crypto,
            ],
            swiftSettings: strict),
        .testTarget(name: "EditingTests", dependencies: ["Editing", "Production", "Media"], swiftSettings: strict),
        .testTarget(name: "ProductionTests", dependencies: ["Production"], swiftSettings: strict),
        .testTarget(
            name: "WebhooksTests",
            dependencies: [
                "Webhooks", "HTTP", "Ledger", "Postgres", "Production", "ProviderPeers", "TestServers", crypto, log,
                product("NIOHTTP1", "swift-nio"),
            ], swiftSettings: strict),
        .testTarget(name: "SecretsTests", dependencies: ["Secrets", "Production"], swiftSettings: strict),
        .testTarget(
            name: "LedgerTests",
            dependencies: [
                "Ledger", "Secrets", "Fleet", "DiskArtifacts", "MonthTrial", "Production", "Postgres", "TestServers",
                log,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "FleetTests",
            dependencies: fleet + [
                "Coordinator", "Failpoints", "ytempire", "StageQueue", "Postgres", "Redis", "TestServers",
            ], swiftSettings: strict),
        // Speed and size of the engine and the fleet; here and not in a package of its own because it needs `package` access.
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "StageQueue", "Redis", "TestServers", "Fleet", "Ledger", "Media", "MonthTrial", "Postgres",
                "Production",
                arguments, log,
            ],
            path: "Tests/Benchmarks", swiftSettings: strict),
        .testTarget(name: "TelemetryTests", dependencies: ["Telemetry", log], swiftSettings: strict),
        // Installs what was built, and has systemd's own tools judge it.
        .testTarget(
            name: "DeployTests",
            dependencies: [
                "ytempire", "Coordinator", "ScriptWorker", "VoiceWorker", "RenderWorker", "UploadWorker", "Fleet",
                "Production",
            ], swiftSettings: strict),
        // The executables are run, not linked: depending on them has them built.
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "ytempire", "Coordinator", "ScriptWorker", "VoiceWorker", "RenderWorker", "UploadWorker", "Fleet",
                "Production", "Ledger", "Postgres", "Redis", "Media", "DiskArtifacts", "CXML2", "Telemetry",
                "TestServers", "FleetPeers", "ProviderPeers", "SpeechPeers", "HTTP", "Secrets", log,
                product("NIOHTTP1", "swift-nio"),
            ], swiftSettings: strict),
        // `make faults`, of which the tests run a part. The executables are run, not linked.
        .executableTarget(
            name: "FaultDrill",
            dependencies: [
                "ytempire", "Coordinator", "ScriptWorker", "VoiceWorker", "RenderWorker", "UploadWorker", "Failpoints",
                "Fleet", "Ledger", "Production", "Postgres", "ProviderPeers", "Redis", "Secrets", "SpeechPeers",
                "TestServers", "YouTube", arguments, log, product("NIOHTTP1", "swift-nio"),
            ], path: "Tests/FaultDrill", swiftSettings: strict),
        .testTarget(name: "FaultTests", dependencies: ["FaultDrill"], swiftSettings: strict),
    ]
)
