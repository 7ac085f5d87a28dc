import Foundation
import RelayCore
import Testing

@testable import OCRRelay

@Suite struct ConfigurationTextTests {
  /// `ocr-relay check-config --print-default > config/ocr-relay.yaml` mends a difference.
  @Test func theFileInTheRepositoryIsTheDefaultFile() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let file = try String(contentsOf: root.appending(path: "config/ocr-relay.yaml"), encoding: .utf8)
    #expect(file == RelayConfiguration.defaultFile)
  }

  @Test func theDefaultFileMeansTheDefaults() {
    var loader = ConfigurationLoader()
    loader.read(yaml: Array(RelayConfiguration.defaultFile.utf8), path: "default.yaml")
    #expect(loader.problems == [])
    #expect(loader.configuration == RelayConfiguration())
    #expect(loader.origins.count == RelayConfiguration.settings.count, "every setting stands in the file")
  }

  @Test func theEffectiveFileIsReadBackAndHidesSecrets() throws {
    let environment = [
      "OCR_RELAY_AMQP_URL": "amqp://relay:hush@a:1/v,amqp://relay:hush/hush@b", "OCR_RELAY_AUTH_USERNAME": "me: #1",
      "OCR_RELAY_AUTH_PASSWORD": "hush", "OCR_RELAY_AMQP_TOPOLOGY": "off", "OCR_RELAY_REPLIES_ALLOW": "",
      "OCR_RELAY_AMQP_RECONNECT_MIN_SECONDS": "0.05",
    ]
    let loaded = try RelayConfiguration.load(file: nil, environment: environment)
    let text = loaded.effectiveFile
    #expect(!text.contains("hush"))
    #expect(text.contains("  password: <secret>  # environment variable OCR_RELAY_AUTH_PASSWORD\n"))
    #expect(text.contains("\"amqp://relay:<secret>@a:1/v\", \"amqp://relay:<secret>@b\""))
    var loader = ConfigurationLoader()
    loader.read(yaml: Array(text.utf8), path: "effective.yaml")
    #expect(loader.problems == [])
    var expected = loaded.configuration
    expected.amqp.urls = [Secret("amqp://relay:<secret>@a:1/v"), Secret("amqp://relay:<secret>@b")]
    expected.auth.password = Secret("<secret>")
    #expect(loader.configuration == expected)
  }

  @Test func everySettingHasADescriptionAndAUniqueName() {
    let settings = RelayConfiguration.settings
    #expect(Set(settings.map(\.variable)).count == settings.count)
    #expect(Set(settings.map(\.section)) == Set(RelayConfiguration.sections.map(\.name)))
    for setting in settings {
      #expect(setting.documentation.hasSuffix("."), "\(setting.key)")
      #expect(setting.documentation.split(separator: "\n").allSatisfy { $0.utf8.count < 116 }, "\(setting.key)")
    }
  }

  /// The example that an error message shows must itself be right.
  @Test func everyExampleIsAccepted() {
    for setting in RelayConfiguration.settings where setting.key != "auth.password" {
      var configuration = RelayConfiguration()
      #expect(setting.apply(.one(setting.example), &configuration), "\(setting.key): \(setting.example)")
    }
  }
}

@Suite struct ConfigurationValueTests {
  @Test(arguments: [
    ("0", Duration.zero), ("30", .seconds(30)), ("0.5", .milliseconds(500)), ("1.25", .milliseconds(1250)),
    ("0.001", .milliseconds(1)), ("007", .seconds(7)), ("", nil), ("-1", nil), ("1.", nil), (".5", nil),
    ("1.2345", nil), ("1e3", nil), ("12345678901", nil), ("1.2.3", nil), ("٣", nil),
  ])
  func secondsAreExact(text: String, expected: Duration?) {
    #expect(Seconds.parse(text) == expected)
  }

  @Test(arguments: [0, 1, 30, 500, 1250, 60_000, 3_600_001])
  func secondsAreWrittenAsTheyAreRead(milliseconds: Int) {
    let duration = Duration.milliseconds(milliseconds)
    #expect(Seconds.parse(Seconds.text(duration)) == duration)
  }

  @Test(arguments: [
    ("127.0.0.1:80", "127.0.0.1", 80), ("[::1]:0", "::1", 0), ("localhost:65535", "localhost", 65535),
  ])
  func addressesAreRead(text: String, host: String, port: Int) {
    #expect(HostAndPort(text)?.host == host)
    #expect(HostAndPort(text)?.port == port)
  }

  @Test(arguments: [
    "", ":80", "host", "host:", "host:-1", "host:65536", "::1:80", "[]:80", "a b:80", "u@h:80", "h/x:80",
  ])
  func brokenAddressesAreRefused(text: String) { #expect(HostAndPort(text) == nil) }

  @Test(arguments: [
    ("http://127.0.0.1:8080/", true, "http://127.0.0.1:8080"), ("http://localhost", true, "http://localhost"),
    ("http://[::1]:1/path//", true, "http://[::1]:1/path"), ("http://[::1]", true, "http://[::1]"),
    ("https://127.example.com", false, "https://127.example.com"),
    ("http://127.0.0.1.nip.io", false, "http://127.0.0.1.nip.io"),
    ("http://127.1.1.x", false, "http://127.1.1.x"),
  ])
  func serviceAddresses(text: String, isLoopback: Bool, expected: String) {
    #expect(ServiceAddress(text)?.isLoopback == isLoopback)
    #expect(ServiceAddress(text)?.text == expected)
  }

  @Test(arguments: [
    "", "https://", "https:///x", "HTTPS://x", "https://u@h", "https://h?q", "https://h:99999", "https://a b",
    "https://ü",
  ])
  func brokenServiceAddressesAreRefused(text: String) { #expect(ServiceAddress(text) == nil) }

  @Test(arguments: [
    "", " ", "off", "null", "a b", "a: b", "#x", "say \"hi\"", "tab\tnew\nline", "\u{1}", "ünï", "1.0", "-", "a,b",
    "@x",
  ])
  func anyTextSurvivesWritingAndReading(text: String) throws {
    let node = try YAMLReader.read(
      Array("key: \(YAMLText.quoted(text))\nlist: \(YAMLText.list([YAMLText.quoted(text)]))".utf8))
    guard case .mapping(let entries) = try #require(node).content, case .scalar(let read) = entries[0].value.content,
      case .sequence(let items) = entries[1].value.content, case .scalar(let item) = items[0].content
    else {
      Issue.record("not the written structure")
      return
    }
    #expect(read == text)
    #expect(item == text)
  }

  @Test(arguments: [
    ("amqp://h", ["amqp://h"]), ("amqp://u:p@a,b:5673/v", ["amqp://u:p@a,b:5673/v"]),
    ("amqps://a , amqps://b,c", ["amqps://a", "amqps://b,c"]), ("h,amqp://a", ["h", "amqp://a"]), ("", []),
  ])
  func commasSeparateHostsOrAddresses(text: String, expected: [String]) {
    #expect(BrokerAddress.split(.one(text)) == expected)
  }

  @Test(arguments: [
    ("prefech", "prefetch"), ("perfetch", "prefetch"), ("QUEUE", "queue"), ("xyz", nil), ("topologie", "topology"),
  ])
  func theNearestNameIsFound(name: String, expected: String?) {
    #expect(NearestName.of(name, in: ["prefetch", "queue", "topology"]) == expected)
  }
}
