// swift-tools-version: 6.2

import PackageDescription

/// Settings of every Swift target: Swift 6 mode, warnings are errors, C modules cannot leak through imports.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

/// Places where the relay kills itself, for tests and `make crash-matrix`: no other release build has them.
let failpoints: [SwiftSetting] = [
  Context.environment["OCR_RELAY_FAILPOINTS"] == "1"
    ? .define("FAILPOINTS") : .define("FAILPOINTS", .when(configuration: .debug))
]

/// Release programs are linked at fixed addresses and export no symbols: a fifth less memory, as nothing is relocated.
let compact: [LinkerSetting] = [
  .unsafeFlags(
    ["-use-ld=lld", "-Xclang-linker", "-no-pie", "-Xlinker", "--no-export-dynamic"],
    .when(platforms: [.linux], configuration: .release))
]

let package = Package(
  name: "ocr-relay",
  products: [
    .executable(name: "ocr-relay", targets: ["ocr-relay"]),
    .executable(name: "ocr-relay-console", targets: ["ocr-relay-console"]),
    .executable(name: "ocr-sandbox", targets: ["ocr-sandbox"]),
    .library(name: "OCRContract", targets: ["OCRContract"]),
    .library(name: "OCRClient", targets: ["OCRClient"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // C libraries: module maps and typed inline wrappers, no logic.
    .systemLibrary(name: "CLinux"),
    .systemLibrary(name: "CBase64"),
    .systemLibrary(name: "CRabbitMQ", pkgConfig: "librabbitmq", providers: [.apt(["librabbitmq-dev"])]),
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
    // Without pkgConfig: its flags are for users of large files alone, and SwiftPM warns of them.
    .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(
      name: "CTesseract", pkgConfig: "tesseract", providers: [.apt(["libtesseract-dev", "libleptonica-dev"])]),

    // Transport: an event loop, and AMQP, HTTP and Redis on it.
    .target(name: "Failpoints", swiftSettings: strict + failpoints),
    .target(name: "EventLoop", dependencies: ["CLinux", "Failpoints"], swiftSettings: strict),
    .target(name: "SocketTransport", dependencies: ["CLinux", "COpenSSL", "EventLoop"], swiftSettings: strict),
    .target(
      name: "AMQP", dependencies: ["CLinux", "CRabbitMQ", "EventLoop", "Failpoints", "SocketTransport"],
      swiftSettings: strict),
    .target(
      name: "RedisStore", dependencies: ["CHiredis", "COpenSSL", "EventLoop", "SocketTransport"], swiftSettings: strict),
    .target(
      name: "HTTPTransport", dependencies: ["CCurl", "CLinux", "COpenSSL", "EventLoop", "Failpoints"],
      swiftSettings: strict),

    // Decisions: the wire contract, the pure core, what is known of the OCR service.
    .target(name: "OCRContract", swiftSettings: strict),
    .target(name: "RelayCore", dependencies: ["CBase64", "OCRContract"], swiftSettings: strict),
    .target(
      name: "HuaweiCloud", dependencies: ["RelayCore", "OCRContract"],
      exclude: ["Catalogue/generate.py", "Catalogue/ocr-apis.json", "Errors/generate.py"], swiftSettings: strict),

    // What a process tells of itself; pure.
    .target(
      name: "Telemetry", dependencies: ["OCRContract", .product(name: "CoreMetrics", package: "swift-metrics")],
      swiftSettings: strict),

    // What processes share, in files and in Redis.
    .target(
      name: "SharedState", dependencies: ["COpenSSL", "EventLoop", "OCRContract", "RedisStore", "RelayCore"],
      swiftSettings: strict),

    // Programs.
    .target(
      name: "OCRClient", dependencies: ["AMQP", "EventLoop", "OCRContract", "SocketTransport"], swiftSettings: strict),
    .target(
      name: "DeadLetters",
      dependencies: ["AMQP", "CLinux", "COpenSSL", "EventLoop", "OCRContract", "RelayCore", "SocketTransport"],
      swiftSettings: strict),
    // Apart from OCRRelay because the modules of NIO redeclare the C types that the rest uses.
    .target(
      name: "HealthEndpoint",
      dependencies: [
        .product(name: "Hummingbird", package: "hummingbird"), .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
      ], swiftSettings: strict),
    .target(
      name: "OCRRelay",
      dependencies: [
        "AMQP", "CLinux", "COpenSSL", "CYAML", "EventLoop", "Failpoints", "HealthEndpoint", "HTTPTransport",
        "HuaweiCloud", "OCRContract", "RedisStore", "RelayCore", "SharedState", "SocketTransport", "Telemetry",
        .product(name: "Logging", package: "swift-log"),
      ], exclude: ["Documentation"], swiftSettings: strict),
    .executableTarget(
      name: "ocr-relay",
      dependencies: [
        "DeadLetters", "EventLoop", "OCRRelay", "OCRClient", "OCRContract", "HuaweiCloud", "RelayCore",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ], swiftSettings: strict, linkerSettings: compact),
    // A program of its own, so that the service carries nothing of its pages.
    .target(
      name: "Console",
      dependencies: [
        "DeadLetters", "EventLoop", "HTTPTransport", "OCRContract", "RelayCore",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      resources: [
        .embedInCode("Assets/icon.svg"), .embedInCode("Assets/script.js"), .embedInCode("Assets/style.css"),
      ], swiftSettings: strict),
    .executableTarget(
      name: "ocr-relay-console",
      dependencies: [
        "Console", "DeadLetters", "OCRRelay", "RelayCore", "SharedState",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ], swiftSettings: strict, linkerSettings: compact),
    .target(
      name: "OCRSandbox",
      dependencies: [
        "CTesseract",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ], resources: [.copy("Resources")], swiftSettings: strict),
    .executableTarget(
      name: "ocr-sandbox",
      dependencies: ["OCRSandbox", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      swiftSettings: strict),

    // The decisions under every fault, from a seed.
    .target(name: "RelaySimulator", dependencies: ["OCRContract", "RelayCore"], swiftSettings: strict),
    .executableTarget(
      name: "relay-simulator", dependencies: ["RelaySimulator"], swiftSettings: strict),

    // Tests.
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
    .testTarget(name: "EventLoopTests", dependencies: ["EventLoop"], swiftSettings: strict),
    .testTarget(
      name: "AMQPTests", dependencies: ["AMQP", "CRabbitMQ", "EventLoop", "SocketTransport", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "SocketTransportTests", dependencies: ["EventLoop", "SocketTransport", "TestSupport"], swiftSettings: strict
    ),
    .testTarget(
      name: "RedisStoreTests", dependencies: ["EventLoop", "RedisStore", "SocketTransport", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "HTTPTransportTests", dependencies: ["HTTPTransport", "EventLoop", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "TelemetryTests",
      dependencies: [
        "OCRContract", "Telemetry", "TestSupport", .product(name: "CoreMetrics", package: "swift-metrics"),
      ],
      swiftSettings: strict),
    .testTarget(name: "OCRContractTests", dependencies: ["OCRContract"], swiftSettings: strict),
    .testTarget(name: "RelayCoreTests", dependencies: ["RelayCore", "OCRContract"], swiftSettings: strict),
    .testTarget(
      name: "HuaweiCloudTests", dependencies: ["COpenSSL", "HuaweiCloud", "RelayCore", "OCRContract"],
      exclude: ["Signing/signing-vectors.json"], swiftSettings: strict),
    .testTarget(
      name: "SharedStateTests", dependencies: ["EventLoop", "RedisStore", "RelayCore", "SharedState", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "OCRRelayTests",
      dependencies: [
        "AMQP", "EventLoop", "HealthEndpoint", "HTTPTransport", "OCRContract", "OCRRelay", "RedisStore", "RelayCore",
        "SocketTransport",
        "Telemetry", "TestSupport",
        .product(name: "Logging", package: "swift-log"),
      ], swiftSettings: strict),
    .testTarget(
      name: "RelaySimulatorTests", dependencies: ["RelaySimulator"], swiftSettings: strict),
    .testTarget(
      name: "DeadLettersTests", dependencies: ["AMQP", "DeadLetters", "EventLoop", "OCRContract", "RelayCore"],
      swiftSettings: strict),
    .testTarget(
      name: "ConsoleTests", dependencies: ["Console", "DeadLetters", "OCRContract", "RelayCore", "TestSupport"],
      swiftSettings: strict),
    .testTarget(name: "OCRClientTests", dependencies: ["AMQP", "OCRClient", "OCRContract"], swiftSettings: strict),
    .testTarget(
      name: "CommandLineTests", dependencies: ["ocr-relay", "OCRClient", "OCRContract", "RelayCore"],
      swiftSettings: strict),
    .testTarget(
      name: "OCRSandboxTests", dependencies: ["OCRSandbox", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "IntegrationTests",
      dependencies: ["OCRClient", "OCRContract", "AMQP", "EventLoop", "TestSupport"], swiftSettings: strict),
  ]
)

// Built on demand only: see `make signing`, `make limiter` and `make microbench`.
if Context.environment["OCR_RELAY_BENCHMARKS"] == "1" {
  package.targets.append(
    .target(
      name: "BenchmarkSupport", dependencies: ["COpenSSL", "HuaweiCloud"], path: "Sources/Benchmarks/BenchmarkSupport",
      swiftSettings: strict))
  package.targets.append(.target(name: "AllocationCounter", path: "Sources/Benchmarks/AllocationCounter"))
  package.targets.append(
    .executableTarget(
      name: "hot-path-benchmark",
      dependencies: [
        "AllocationCounter", "AMQP", "BenchmarkSupport", "EventLoop", "HTTPTransport", "HuaweiCloud", "OCRContract",
        "RelayCore",
      ], path: "Sources/Benchmarks/hot-path-benchmark", swiftSettings: strict))
  package.targets.append(
    .executableTarget(
      name: "signing-benchmark", dependencies: ["BenchmarkSupport", "HuaweiCloud", "RelayCore"],
      path: "Sources/Benchmarks/signing-benchmark", swiftSettings: strict))
  package.targets.append(
    .executableTarget(
      name: "limiter-benchmark",
      dependencies: ["BenchmarkSupport", "CLinux", "EventLoop", "OCRRelay", "RedisStore", "RelayCore"],
      path: "Sources/Benchmarks/limiter-benchmark", swiftSettings: strict))
}
