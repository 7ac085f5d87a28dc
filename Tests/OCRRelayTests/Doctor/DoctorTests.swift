import Foundation
import HTTPTransport
import RelayCore
import Testing

@testable import OCRRelay

struct DoctorTests {
  @Test func reportSaysWhatToDoAndWhetherItIsHealthy() throws {
    var report = DoctorReport([Finding("broker", "connection", .ok, "there")])
    #expect(report.isHealthy)
    report.add([Finding("broker", "alarm \"x\"", .fail, "no memory", advice: "give it some")])
    #expect(!report.isHealthy)
    #expect(
      report.text == """
        broker
          ok   connection: there
          fail alarm "x": no memory
               → give it some

        The relay cannot do its work: 1 ok, 0 to mind, 1 wrong, 0 not looked at.

        """)
    struct Read: Decodable, Equatable {
      struct Item: Decodable, Equatable { var area, check, level, detail: String, advice: String? }
      var healthy: Bool
      var findings: [Item]
    }
    let read = try JSONDecoder().decode(Read.self, from: Data(report.json.utf8))
    #expect(!read.healthy)
    #expect(read.findings.map(\.advice) == [nil, "give it some"])
    #expect(read.findings.last?.check == "alarm \"x\"")
  }

  @Test(
    arguments: [
      ("amqp://relay:p@broker.example.com", "amqp.url", Finding.Level.warn),
      ("amqps://guest:guest@broker.example.com", "amqp.url", .warn), ("not a url", "amqp.url", .fail),
    ])
  func brokerAddressesAreReviewed(_ url: String, _ check: String, _ level: Finding.Level) {
    var configuration = RelayConfiguration()
    configuration.amqp.urls = [Secret(url)]
    let findings = ConfigurationReview.findings(configuration, origins: [:])
    #expect(findings.first { $0.check == check }?.level == level)
    #expect(!findings.contains { $0.detail.contains("guest:guest") })
  }

  @Test func harmlessBrokerAddressesAreNotMentioned() {
    var configuration = RelayConfiguration()
    for url in ["amqp://guest:guest@127.0.0.1", "amqps://relay:p@broker.example.com", "amqp://[::1]:5672"] {
      configuration.amqp.urls = [Secret(url)]
      #expect(!ConfigurationReview.findings(configuration, origins: [:]).contains { $0.check == "amqp.url" }, "\(url)")
    }
  }

  @Test func anOpenReplyPolicyIsMentioned() {
    var configuration = RelayConfiguration()
    #expect(!ConfigurationReview.findings(configuration, origins: [:]).contains { $0.check == "replies.allow" })
    configuration.replies.allow = ["ocr.reply.*", "*"]
    #expect(
      ConfigurationReview.findings(configuration, origins: [:]).first { $0.check == "replies.allow" }?.level == .warn)
  }

  @Test(
    arguments: [
      (MachineLimits(descriptors: 64), "open files", Finding.Level.fail),
      (MachineLimits(descriptors: 4096), "open files", .ok), (MachineLimits(), "open files", .skip),
      (MachineLimits(memory: 64 << 20), "memory", .warn), (MachineLimits(memory: 1 << 30), "memory", .ok),
      (MachineLimits(isClockPlausible: false), "clock", .fail),
    ])
  func machineIsReviewed(_ limits: MachineLimits, _ check: String, _ level: Finding.Level) {
    #expect(MachineReview.findings(RelayConfiguration(), limits).first { $0.check == check }?.level == level)
  }

  @Test func eachLoopNeedsFilesAndRoom() {
    let limits = MachineLimits(descriptors: 300, memory: 360 << 20)
    for (loops, level) in [(1, Finding.Level.ok), (8, .fail)] {
      var configuration = RelayConfiguration()
      configuration.process.loops = loops
      let findings = MachineReview.findings(configuration, limits)
      #expect(findings.first { $0.check == "open files" }?.level == level)
      #expect(findings.first { $0.check == "memory" }?.level == (loops == 1 ? .ok : .warn))
      configuration.limits.bytesInWork = 40 << 20
      let warns = ConfigurationReview.findings(configuration, origins: [:]).contains {
        $0.check == "limits.bytes_in_work" && $0.level == .warn
      }
      #expect(warns == (loops > 1))
    }
  }

  @Test(
    arguments: [
      ("Sun, 06 Nov 1994 08:49:37 GMT", Finding.Level.ok), ("Sun, 06 Nov 1994 08:50:37 GMT", .warn),
      ("Sun, 06 Nov 1994 08:29:37 GMT", .fail),
    ])
  func clocksAreCompared(_ date: String, _ level: Finding.Level) {
    let findings = Doctor.findings(
      "OCR service", address: "https://a", key: "backend.endpoint", .answered(status: 404, date: date),
      now: 784_111_777)
    #expect(findings.map(\.check) == ["OCR service", "clock"])
    #expect(findings.first?.level == .ok)
    #expect(findings.last?.level == level)
  }

  @Test func aDateThatIsNoneIsLeftOut() {
    for date in [nil, "", "tomorrow"] {
      let answer = Doctor.ServiceAnswer.answered(status: 200, date: date)
      #expect(Doctor.findings("x", address: "https://a", key: "k", answer, now: 0).count == 1)
    }
  }

  @Test func outsideTextStaysOnItsLine() {
    #expect(PrintableASCII.text("RabbitMQ\n\u{1B}[31m 3\u{202E}") == "RabbitMQ??[31m 3?")
    #expect(PrintableASCII.text(String(repeating: "a", count: 1_000)).count == 200)
  }
}
