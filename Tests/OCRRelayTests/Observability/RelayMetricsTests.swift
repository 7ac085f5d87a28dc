import Foundation
import OCRContract
import Telemetry
import TestSupport
import Testing

@testable import OCRRelay

struct RelayMetricsTests {
  private static let status: RelayStatus = {
    var status = RelayStatus()
    status.tokenSecondsLeft = 60
    status.gateReason = ErrorCode.throttled.rawValue
    status.counters.callsByAPI["general-text"] = 2
    status.counters.callFailures[.throttled] = 1
    status.counters.callTime.observe(nanoseconds: 1)
    return status
  }()

  @Test func namesAreUniqueLegalAndCarryTheirUnit() throws {
    let names = RelayMetrics.families.map(\.name)
    #expect(Set(names).count == names.count)
    for family in RelayMetrics.families {
      #expect(family.name.hasPrefix("ocr_relay_") && family.name.allSatisfy { "a"..."z" ~= $0 || $0 == "_" })
      #expect((family.kind == .counter) == family.name.hasSuffix("_total"), "\(family.name)")
      if family.kind == .histogram { #expect(family.name.hasSuffix("_seconds")) }
      #expect(family.help.hasSuffix(".") && family.help.first?.isLowercase == false, "\(family.name)")
    }
  }

  @Test func everyFamilyHasSamplesWithItsLabels() {
    for family in RelayMetrics.families {
      let samples = family.samples(Self.status)
      #expect(!samples.isEmpty, "\(family.name)")
      for sample in samples { #expect(sample.labels.map(\.name) == family.labels, "\(family.name)") }
    }
  }

  @Test func failuresAreThereBeforeTheFirst() {
    let text = RelayMetrics.text(Self.status, process: nil, libraries: nil)
    for code in ErrorCode.allCases {
      let count = code == .throttled ? 1 : 0
      #expect(
        text.contains(
          "ocr_relay_call_failures_total{code=\"\(code.rawValue)\",class=\"\(code.errorClass.rawValue)\"} \(count)\n"))
    }
  }

  @Test func gateIsOneOfItsStates() {
    var status = Self.status
    for (isOpen, isProbing, name) in [(true, false, "open"), (false, true, "probing"), (false, false, "closed")] {
      (status.isGateOpen, status.isGateProbing) = (isOpen, isProbing)
      let text = RelayMetrics.text(status, process: nil, libraries: nil)
      for state in ["open", "probing", "closed"] {
        #expect(text.contains("ocr_relay_gate{state=\"\(state)\"} \(state == name ? 1 : 0)\n"))
      }
    }
  }

  @Test func documentationIsUpToDate() throws {
    let file = Repository.path("Sources/OCRRelay/Documentation/metrics.md")
    let written = try String(contentsOfFile: file, encoding: .utf8)
    #expect(
      written == RelayMetrics.documentation,
      "renew it: swift run ocr-relay check-config --print-metrics > Sources/OCRRelay/Documentation/metrics.md")
  }

  @Test func processUsageReadsProc() throws {
    let usage = try #require(
      ProcessUsage(
        stat: "7 (a) b) (c)) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20 0 3 0 1000 9999 25 18", bootTime: 1e9,
        ticksPerSecond: 100, pageSize: 4096))
    #expect(usage.cpuSeconds == 2)
    #expect(usage.threads == 3)
    #expect(usage.startTime == 1e9 + 10)
    #expect(usage.residentBytes == 25 * 4096)
    for broken in ["", "1 (a", "1 (a) S 1 2", "1 (a) S" + String(repeating: " x", count: 40)] {
      #expect(ProcessUsage(stat: broken, bootTime: 0, ticksPerSecond: 100, pageSize: 4096) == nil)
    }
    let own = try #require(ProcessUsage.now())
    #expect(own.residentBytes > 1 << 20 && own.openDescriptors > 2 && own.descriptorLimit >= own.openDescriptors)
    #expect(abs(own.startTime - Date().timeIntervalSince1970) < 86_400)
  }
}
