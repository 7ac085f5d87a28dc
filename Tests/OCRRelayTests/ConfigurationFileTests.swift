import Foundation
import OCRContract
import RelayCore
import Testing

@testable import OCRRelay

/// Reads a text as a configuration file named `relay.yaml`; credentials are given, so that only the text matters.
func problems(inFile text: String, environment: [String: String] = [:]) -> [String] {
  var loader = ConfigurationLoader()
  loader.read(yaml: Array(text.utf8), path: "relay.yaml")
  loader.read(environment: environment.merging(credentials) { own, _ in own })
  loader.check()
  return loader.problems.map(\.description)
}

let credentials = ["OCR_RELAY_AUTH_USERNAME": "relay", "OCR_RELAY_AUTH_PASSWORD": "hush-hush"]

@Suite struct ConfigurationFileTests {
  @Test func everySectionIsRead() throws {
    let text = """
      amqp:
        url: [ "amqps://u:p@a/v", "amqps://u:p@b/v" ]
        queue: work
        prefetch: 7
        topology: off
        reconnect_min_seconds: 0.25
      backend:
        endpoint: https://ocr.example.com/
        allow_plain_http: true
        response_limit_bytes: 4096
      auth: { username: me, password: "a: b #c", domain_name: company }
      replies:
        allow:
          - ocr.reply.{user_id}.*
          - my.exchange/*
      http:
        listen: "[::1]:8080"
      retry:
        enabled: false
      log:
        format: json
      """
    var loader = ConfigurationLoader()
    loader.read(yaml: Array(text.utf8), path: "relay.yaml")
    loader.check()
    #expect(loader.problems == [])
    let read = loader.configuration
    #expect(read.amqp.urls == [Secret("amqps://u:p@a/v"), Secret("amqps://u:p@b/v")])
    #expect(read.amqp.queue == "work")
    #expect(read.amqp.prefetch == 7)
    #expect(read.amqp.topology == .off)
    #expect(read.amqp.reconnectMinimum == .milliseconds(250))
    #expect(read.backend.endpoint == "https://ocr.example.com")
    #expect(read.backend.allowsPlainHTTP)
    #expect(read.backend.responseLimit == 4096)
    #expect(read.auth.password == Secret("a: b #c"))
    #expect(read.auth.accountName == "company")
    #expect(read.replies.allow == ["ocr.reply.{user_id}.*", "my.exchange/*"])
    #expect(read.http.listen == "[::1]:8080")
    #expect(!read.retry.enabled)
    #expect(read.log.format == .json)
    #expect(loader.origins["amqp.prefetch"] == .file(path: "relay.yaml", line: 4))
  }

  @Test(arguments: [
    ("amqp:\n  perfetch: 5", "relay.yaml:2: unknown key \"amqp.perfetch\"; did you mean amqp.prefetch?"),
    ("ampq:\n  prefetch: 5", "relay.yaml:1: unknown section \"ampq\"; did you mean amqp?"),
    ("amqp:\n\n  max_attempts: 5", "relay.yaml:3: unknown key \"amqp.max_attempts\"; did you mean retry.max_attempts?"),
    ("amqp:\n  zzzzzzzzzzzz: 5", "relay.yaml:2: unknown key \"amqp.zzzzzzzzzzzz\""),
    ("auth:\n  pasword_file: x", "relay.yaml:2: unknown key \"auth.pasword_file\"; did you mean auth.password_file?"),
    (
      "amqp:\n  prefetch: fifty",
      "relay.yaml:2: amqp.prefetch: \"fifty\" is not a whole number from 1 to 65535; example: 50"
    ),
    (
      "amqp:\n  prefetch: 0",
      "relay.yaml:2: amqp.prefetch: \"0\" is not a whole number from 1 to 65535; example: 50"
    ),
    (
      "amqp:\n  topology: of",
      "relay.yaml:2: amqp.topology: \"of\" is not one of apply, verify, off; example: apply"
    ),
    (
      "backend:\n  total_timeout_seconds: 1m",
      "relay.yaml:2: backend.total_timeout_seconds: \"1m\" is not a number of seconds from 1 to 3600; example: 60"
    ),
    (
      "backend:\n  endpoint: ftp://x",
      "relay.yaml:2: backend.endpoint: \"ftp://x\" is not an address that begins with https:// or http://; "
        + "example: https://ocr.cn-north-4.myhuaweicloud.com"
    ),
    ("retry:\n  enabled: yes", "relay.yaml:2: retry.enabled: \"yes\" is not true or false; example: true"),
    (
      "http:\n  listen: 8080",
      "relay.yaml:2: http.listen: \"8080\" is not an address and port, or empty for none; example: 127.0.0.1:8080"
    ),
    ("amqp:\n  queue: [a, b]", "relay.yaml:2: amqp.queue: a list is not the name of a queue; example: ocr.requests"),
    (
      "amqp:\n  queue: { a: b }",
      "relay.yaml:2: amqp.queue: there is nothing below this setting; expected the name of a queue"
    ),
    ("replies:\n  allow: [[a]]", "relay.yaml:2: replies.allow: each item must be a plain text"),
    (
      "amqp: 5",
      "relay.yaml:1: amqp is a section: its settings follow on their own lines, indented by two spaces"
    ),
    ("just text", "relay.yaml:1: sections are expected, such as \"amqp:\""),
    ("amqp:\n  queue: a\n  queue: b", "relay.yaml:3: column 3: queue was already set in line 2"),
    ("amqp: &x {}\nretry: *x", "relay.yaml:1: column 7: anchors (&name) are not supported"),
    ("amqp:\n\tqueue: a", "relay.yaml:2: column 1: found character that cannot start any token"),
    ("log: {}\n---\nlog: {}", "relay.yaml:2: column 1: a second document begins here; only one is read"),
    (
      "backend:\n  endpoint: http://ocr.example.com",
      "relay.yaml:2: backend.endpoint is not encrypted: tokens and images would travel unprotected. Write https://, "
        + "or set backend.allow_plain_http to true"
    ),
    (
      "amqp:\n  reconnect_min_seconds: 40",
      "relay.yaml:2: amqp.reconnect_min_seconds is longer than amqp.reconnect_max_seconds"
    ),
    (
      "amqp:\n  url: amqps://u:p@h\n  key_file: k.pem",
      "relay.yaml:3: amqp.key_file needs amqp.certificate_file too"
    ),
  ])
  func aMistakeIsNamedWithItsPlace(text: String, expected: String) {
    #expect(problems(inFile: text) == [expected])
  }

  @Test func allMistakesAreNamedAtOnce() {
    let found = problems(
      inFile: "amqp:\n  prefetch: x\n  quue: y\n", environment: ["OCR_RELAY_LOG_LEVL": "debug"])
    #expect(found.count == 3)
  }

  @Test(arguments: [
    "amqp:\n  url: http://user:hush-hush@host", "auth:\n  password: [hush-hush]",
    "auth:\n  password: { hush-hush: x }", "auth:\n  password: hush-hush\n  password_file: /nonexistent",
  ])
  func aSecretIsNeverShown(text: String) {
    let found = problems(inFile: text)
    #expect(!found.isEmpty)
    #expect(!found.joined().contains("hush-hush"))
  }

  @Test func emptyFilesAndSectionsMeanDefaults() {
    for text in ["", "# nothing\n", "amqp:\n", "amqp:\n  prefetch:\n  queue: ~\n", "--- \n"] {
      #expect(problems(inFile: text) == [])
    }
  }

  @Test func aFileThatCannotBeReadIsAProblem() throws {
    let error = #expect(throws: ConfigurationError.self) {
      try RelayConfiguration.load(file: "/nonexistent/relay.yaml", environment: credentials)
    }
    #expect(error?.problems.first?.message.hasPrefix("the file \"/nonexistent/relay.yaml\" cannot be read") == true)
  }

  @Test func deepNestingIsRefused() {
    let text = String(repeating: "[", count: 10_000)
    #expect(problems(inFile: "amqp: " + text) == ["relay.yaml:1: column 22: the nesting is too deep"])
  }

  @Test func damagedFilesNeverTrap() {
    var generator = SplitMix64(seed: .random(in: 0...UInt64.max))
    print("seed of damaged configuration files: \(generator.seed)")
    let original = Array(RelayConfiguration.defaultFile.utf8)
    for _ in 0..<2000 {
      var text = original
      for _ in 0..<Int.random(in: 1...8, using: &generator) {
        let position = Int.random(in: 0..<text.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: text[position] = .random(in: 0...255, using: &generator)
        case 1: text.remove(at: position)
        case 2: text.insert(contentsOf: text[position...].prefix(30), at: position)
        default: text.removeSubrange(position..<min(position + 200, text.count - 1))
        }
      }
      var loader = ConfigurationLoader()
      loader.read(yaml: text, path: "damaged.yaml")
      loader.check()
      #expect(!loader.problems.isEmpty, "credentials are missing at least")
    }
  }
}

/// A generator whose seed can be printed and used again.
struct SplitMix64: RandomNumberGenerator {
  let seed: UInt64
  private var state: UInt64

  init(seed: UInt64) {
    self.seed = seed
    self.state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
