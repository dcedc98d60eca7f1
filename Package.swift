// swift-tools-version: 6.2
import PackageDescription

// Every target of ours: warnings are errors, and every import says whether it leaks into the API.
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOSSL", package: "swift-nio-ssl"),
]
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

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
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: [.defaults, "YAML"]),
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
        .systemLibrary(name: "CFlite", providers: [.apt(["flite1-dev"])]),
        .systemLibrary(name: "CEspeak", providers: [.apt(["libespeak-ng-dev"])]),
        .systemLibrary(name: "CXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),

        // Libraries that know nothing of videos
        .target(
            name: "Redis",
            dependencies: nio + [
                "CHiredis", log, .product(name: "Crypto", package: "swift-crypto"),
            ], swiftSettings: strict),
        .target(name: "Postgres", dependencies: ["CPostgres", log], swiftSettings: strict),
        .target(name: "Media", dependencies: ["CFFmpeg"], swiftSettings: strict),
        .target(name: "Speech", dependencies: ["CFlite", "CEspeak"], swiftSettings: strict),
        .target(
            name: "StageQueue", dependencies: ["Redis", log],
            resources: [.embedInCode("Scripts")], swiftSettings: strict),

        // The domain, and its ports' adapters
        .target(
            name: "Production", dependencies: [.product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: strict),
        .target(
            name: "Ledger", dependencies: ["Production", "Postgres", log],
            resources: [.embedInCode("Migrations")], swiftSettings: strict),
    ]
)
