import HTTPTransport
import OCRContract
import Testing

@testable import AMQP
@testable import OCRRelay

struct QueueRulesTests {
  private static func rules(
    _ name: String, limit: Int? = nil, policy: String = "", _ definition: String = "{}"
  ) throws -> QueueRules {
    let arguments = limit.map { #"{"x-queue-type":"quorum","x-delivery-limit":\#($0)}"# } ?? "{}"
    let text = """
      {"name":"\(name)","arguments":\(arguments),"policy":"\(policy)","operator_policy":null,\
      "effective_policy_definition":\(definition)}
      """
    return try #require(QueueRules(try JSONReader.read(Array(text.utf8))))
  }

  private static func levels(_ rules: QueueRules, _ kind: QueueRules.Kind, since4: Bool = false) -> [Finding.Level] {
    rules.findings(kind, since4: since4).map(\.level)
  }

  @Test(arguments: [
    (20, nil, false, 20), (20, 5, false, 5), (20, 50, false, 20), (nil, 7, false, 7), (nil, nil, false, nil),
    (nil, nil, true, 20), (nil, -1, true, nil), (20, -1, true, 20), (-1, -1, true, nil),
  ])
  func theLowerLimitHolds(_ declared: Int?, _ policy: Int?, _ since4: Bool, _ limit: Int?) throws {
    let rules = try Self.rules("q", limit: declared, policy.map { #"{"delivery-limit":\#($0)}"# } ?? "{}")
    #expect(rules.deliveryLimit(since4: since4) == limit)
  }

  @Test func aWorkQueueAsTheRelayDeclaresItIsRight() throws {
    let findings = try Self.rules("ocr.requests", limit: 20).findings(.work, since4: false)
    #expect(findings.map(\.level) == [.ok] && findings[0].detail == "20 in effect")
    let mirrored = try Self.rules("ocr.requests", limit: 20, policy: "ha", #"{"ha-mode":"all","max-length":5}"#)
    #expect(Self.levels(mirrored, .work) == [.ok])
  }

  @Test func aPolicyThatLowersTheLimitIsNamed() throws {
    let rules = try Self.rules("ocr.requests", limit: 20, policy: "short-lived", #"{"delivery-limit":3}"#)
    let finding = try #require(rules.findings(.work, since4: false).first)
    #expect(finding.level == .warn && finding.detail.hasPrefix("3 in effect"))
    #expect(finding.advice?.contains("short-lived") == true)
  }

  @Test(arguments: [
    #"{"message-ttl":60000}"#, #"{"expires":60000}"#, #"{"max-length":10}"#, #"{"max-length-bytes":"10"}"#,
    #"{"overflow":"drop-head"}"#, #"{"dead-letter-exchange":"elsewhere"}"#,
  ])
  func aPolicyThatLosesLettersIsWrong(_ definition: String) throws {
    let rules = try Self.rules("ocr.dead.poison", policy: #"tidy \u001B[31m"#, definition)
    let finding = try #require(rules.findings(.keeping, since4: false).first)
    #expect(finding.level == .fail && finding.check == "policy for ocr.dead.poison")
    #expect(finding.detail.contains("tidy") && !finding.detail.contains("\u{1B}"))
  }

  @Test func overflowThatRefusesLosesNothing() throws {
    #expect(try Self.levels(Self.rules("ocr.dead.poison", #"{"overflow":"reject-publish"}"#), .keeping).isEmpty)
  }

  @Test func levelsKeepTheirTime() throws {
    #expect(try Self.levels(Self.rules("ocr.retry.2s", #"{"message-ttl":1}"#), .level).isEmpty)
    #expect(try Self.levels(Self.rules("ocr.retry.2s", #"{"max-length":1}"#), .level) == [.fail])
  }

  @Test func sinceVersion4LookingAtLettersMayCostThem() throws {
    let plain = try Self.rules("ocr.dead.poison")
    #expect(Self.levels(plain, .keeping).isEmpty && Self.levels(plain, .keeping, since4: true) == [.warn])
    let endless = try Self.rules("ocr.dead.poison", policy: "keep", #"{"delivery-limit":-1}"#)
    #expect(Self.levels(endless, .keeping, since4: true).isEmpty)
    for (version, isNew) in [("RabbitMQ 3.10.8", false), ("RabbitMQ 4.0.1", true), ("RabbitMQ", false)] {
      #expect(Doctor.isVersion4(version) == isNew)
    }
  }

  @Test(arguments: [
    "null", "[]", "{}", #"{"name":7}"#, #"{"name":"q","effective_policy_definition":[],"arguments":3}"#,
  ])
  func anyAnswerIsRead(_ text: String) throws {
    let rules = QueueRules(try JSONReader.read(Array(text.utf8)))
    #expect((rules == nil) == !text.contains(#""q""#))
  }

  // MARK: The API

  @Test func theUsualAddressIsDerived() throws {
    for (url, address) in [
      ("amqp://u:p@broker:5673/v", "http://broker:15672"), ("amqps://broker/v", "https://broker:15671"),
      ("amqp://[::1]/", "http://[::1]:15672"),
    ] {
      #expect(ManagementVisit.usualAddress(of: try #require(try AMQPURL.parse(url).first)) == address)
    }
    #expect(ManagementVisit.percentEncoded("/a b.ä") == "%2Fa%20b.%C3%A4")
  }

  @Test(arguments: [
    (401, "{}", ManagementVisit.Refusal.forbidden(401)), (403, "", .forbidden(403)), (404, "{}", .missing),
    (200, "<html>", .strange("it answered no JSON")), (500, "{}", .strange("it answered HTTP 500")),
  ])
  func refusalsAreToldApart(_ status: Int, _ body: String, _ refusal: ManagementVisit.Refusal) {
    #expect(throws: refusal) {
      try ManagementVisit.read(.success(.init(status: status, body: Array(body.utf8))), accepting: [200])
    }
  }
}
