import OCRContract
import RelayCore
import SocketTransport
import Testing

@testable import AMQP
@testable import HTTPTransport
@testable import OCRRelay

struct ConfigurationPartsTests {
  @Test func everyHostOfEveryURLIsAnEndpoint() throws {
    var configuration = RelayConfiguration()
    configuration.amqp.urls = [
      Secret("amqp://relay:p%40ss@one,two:5673/ocr"), Secret("amqps://guest:guest@three/%2f"),
    ]
    let endpoints = try configuration.brokerEndpoints()
    #expect(endpoints.map(\.host) == ["one", "two", "three"] && endpoints.map(\.port) == [5_672, 5_673, 5_671])
    #expect(endpoints.map(\.virtualHost) == ["ocr", "ocr", "/"] && endpoints.map(\.usesTLS) == [false, false, true])
    #expect(endpoints.map(\.user) == ["relay", "relay", "guest"] && endpoints[0].password == "p@ss")
  }

  @Test(arguments: [
    "http://relay:hush@one", "amqp://relay:hu/sh@one", "amqp://relay:hush%zz@one", "amqp://relay:hush@one:0",
  ])
  func aWrongURLIsNamedWithoutItsPassword(_ url: String) {
    var configuration = RelayConfiguration()
    configuration.amqp.urls = [Secret(url)]
    let error = #expect(throws: RelayStartError.self) { try configuration.brokerEndpoints() }
    #expect(error?.description.hasPrefix("amqp.url: ") == true && error?.description.contains("hu") == false)
  }

  @Test func connectionSettingsReachTheConnection() {
    var configuration = RelayConfiguration()
    configuration.amqp.heartbeat = .seconds(7)
    configuration.amqp.connectTimeout = .seconds(3)
    configuration.limits.bodyBytes = 12_345
    configuration.amqp.caFile = "/ca.pem"
    configuration.amqp.certificateFile = "/cert.pem"
    configuration.amqp.keyFile = "/key.pem"
    let options = configuration.connectionOptions(for: "consuming")
    #expect(options.connectionName == "ocr-relay consuming" && options.heartbeat == .seconds(7))
    #expect(options.connectTimeout == .seconds(3) && options.bodyLimit == 12_345)
    #expect(
      options.tls.caFile == "/ca.pem" && options.tls.certificateFile == "/cert.pem" && options.tls.keyFile == "/key.pem"
    )
  }

  @Test func aSwappedRangeOfPausesIsNoCrash() {
    var configuration = RelayConfiguration()
    configuration.amqp.reconnectMinimum = .seconds(60)
    configuration.amqp.reconnectMaximum = .seconds(1)
    #expect(configuration.connectionOptions(for: "x").reconnectDelay == .seconds(60)...(.seconds(60)))
  }

  @Test func backendSettingsReachTheClient() {
    var configuration = RelayConfiguration()
    configuration.backend.connectTimeout = .seconds(2)
    configuration.backend.totalTimeout = .seconds(30)
    configuration.backend.lowSpeedLimit = 9
    configuration.backend.lowSpeedTime = .seconds(8)
    configuration.backend.responseLimit = 777
    configuration.backend.maximumConnections = 5
    configuration.backend.caFile = "/ca.pem"
    configuration.backend.proxy = "http://proxy:3128"
    let client = configuration.httpClient
    #expect(client.connectTimeout == .seconds(2) && client.totalTimeout == .seconds(30))
    #expect(client.lowSpeedBytesPerSecond == 9 && client.lowSpeedDuration == .seconds(8))
    #expect(client.responseBodyLimit == 777 && client.maximumConnections == 5)
    #expect(client.caFile == "/ca.pem" && client.proxy == "http://proxy:3128")
  }

  /// Plain HTTP carries token and image unprotected: only to this machine, or on request.
  @Test(
    arguments: [
      ("http://127.0.0.1:1", "http://localhost:2", false, true),
      ("http://[::1]:1", "https://b", false, true), ("http://a", "https://b", false, false),
      ("https://a", "http://b", false, false), ("http://a", "http://b", true, true),
      ("http://127.evil.example", "https://b", false, false),
      ("http://localhost.evil.example", "https://b", false, false),
      ("http://localhost@evil.example", "https://b", false, false),
      ("http://127.0.0.1@evil.example", "https://b", false, false),
    ])
  func plainHTTPStaysOnThisMachine(_ ocr: String, _ iam: String, _ isAllowed: Bool, _ expected: Bool) {
    var configuration = RelayConfiguration()
    configuration.backend.endpoint = ocr
    configuration.auth.endpoint = iam
    configuration.backend.allowsPlainHTTP = isAllowed
    #expect(configuration.httpClient.allowPlainHTTP == expected)
  }

  @Test func retryAndReplySettingsReachThePipeline() {
    var configuration = RelayConfiguration()
    configuration.retry.enabled = false
    configuration.retry.maximumAttempts = 3
    configuration.replies.allow = ["only.this"]
    configuration.limits.bytesInWork = 99
    let settings = configuration.pipelineSettings(APICatalogue([]))
    #expect(settings.retry == RetryPolicy(maximumAttempts: 3, isEnabled: false) && settings.bytesInWork == 99)
    #expect(settings.replies.allows(.queue("only.this")) && !settings.replies.allows(.queue("ocr.reply.me")))
  }
}
