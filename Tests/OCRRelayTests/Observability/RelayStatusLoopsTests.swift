import Foundation
import OCRContract
import RelayCore
import Telemetry
import Testing

@testable import OCRRelay

/// One picture of a process with several loops.
struct RelayStatusLoopsTests {
  private static func loop(_ change: (inout RelayStatus) -> Void = { _ in }) -> RelayStatus {
    var status = RelayStatus()
    (status.isConsuming, status.canPublish) = (true, true)
    (status.isConsumeLinkOpen, status.isPublishLinkOpen) = (true, true)
    (status.readyLoops, status.prefetch, status.inFlight, status.bytesInWorkLimit) = (1, 50, 3, 100)
    (status.callsPerSecond, status.tokenSecondsLeft, status.droppedLogLines) = (20, 90, 4)
    status.counters.deliveries = 7
    status.counters.callsByAPI = ["general-text": 5]
    status.counters.callTime.observe(nanoseconds: 30_000_000)
    change(&status)
    return status
  }

  private static func sum(_ statuses: RelayStatus...) -> RelayStatus {
    var sum = statuses[0]
    for status in statuses.dropFirst() { sum.add(status) }
    return sum
  }

  @Test func amountsAddUpAndWhatIsSharedDoesNot() {
    let sum = Self.sum(Self.loop(), Self.loop { $0.tokenSecondsLeft = 80 }, Self.loop { $0.oldestSeconds = 2 })
    #expect(sum.loops == 3 && sum.readyLoops == 3 && sum.isReady)
    #expect(sum.prefetch == 150 && sum.inFlight == 9 && sum.bytesInWorkLimit == 300)
    #expect(sum.callsPerSecond == 20 && sum.tokenSecondsLeft == 80 && sum.oldestSeconds == 2)
    #expect(sum.droppedLogLines == 4, "they are counted for the whole process")
    #expect(sum.counters.deliveries == 21 && sum.counters.callsByAPI == ["general-text": 15])
    #expect(sum.counters.callTime.count == 3 && sum.counters.callTime.sum == 0.09)
  }

  @Test func oneLoopThatDoesNotWorkIsSeen() throws {
    for change in [
      { $0.isConsuming = false }, { $0.canPublish = false }, { $0.isGateOpen = false },
    ] as [(inout RelayStatus) -> Void] {
      let sum = Self.sum(
        Self.loop(),
        Self.loop {
          change(&$0)
          $0.readyLoops = 0
        })
      #expect(!sum.isReady && sum.readyLoops == 1)
      let object = try #require(JSONSerialization.jsonObject(with: Data(sum.json.utf8)) as? [String: Any])
      #expect(object["loops"] as? Int == 2 && object["ready_loops"] as? Int == 1)
    }
    #expect(Self.sum(Self.loop(), Self.loop { $0.isBlocked = true }).broker == "blocked")
    #expect(Self.sum(Self.loop { $0.isConsumeLinkOpen = false }, Self.loop()).broker == "disconnected")
    #expect(!Self.loop().json.contains("loops"), "a process with one loop says nothing of loops")
  }

  @Test func theGateIsThatOfWhoeverWaits() {
    let closed = Self.loop {
      ($0.isGateOpen, $0.gateReason, $0.gateScope, $0.gateClosedAt) = (false, "OCR_BACKEND_FAILED", .service, 50)
    }
    let probing = Self.loop {
      ($0.isGateOpen, $0.isGateProbing, $0.gateReason, $0.gateClosedAt) = (false, true, "OCR_BACKEND_FAILED", 40)
    }
    #expect(Self.sum(Self.loop(), closed).gate == "closed")
    #expect(Self.sum(closed, probing).gate == "probing", "by turns: one probes for all")
    let sum = Self.sum(Self.loop(), closed, probing)
    #expect(sum.gateReason == "OCR_BACKEND_FAILED" && sum.backend == "failing" && sum.gateClosedAt == 40)
  }

  /// A counter that is not added would show what one loop did.
  @Test func everyCounterIsAdded() {
    func plainNumbers(_ value: Any) -> Int { Mirror(reflecting: value).children.count { $0.value is Int } }
    #expect(Set(RelayCounters.numbers).count == plainNumbers(RelayCounters()))
    #expect(Set(CredentialCounters.numbers).count == plainNumbers(CredentialCounters()))
    var (counters, credentials) = (RelayCounters(), CredentialCounters())
    for number in RelayCounters.numbers { counters[keyPath: number] = 3 }
    for number in CredentialCounters.numbers { credentials[keyPath: number] = 3 }
    counters.callFailures = [.backendFailed: 1]
    counters.requestFailures = [.bodyEmpty: 2]
    counters.add(counters)
    credentials.add(credentials)
    #expect(RelayCounters.numbers.allSatisfy { counters[keyPath: $0] == 6 })
    #expect(credentials.events.allSatisfy { $0.count == 6 })
    #expect(counters.callFailures == [.backendFailed: 2] && counters.requestFailures == [.bodyEmpty: 4])
  }

  @Test func metricsOfSeveralLoopsHaveNoSeriesTwice() {
    let text = RelayMetrics.text(Self.sum(Self.loop(), Self.loop()), process: nil, libraries: nil)
    let series = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { $0.prefix { $0 != " " } }
    #expect(Set(series).count == series.count && series.count > 50)
    #expect(text.contains("ocr_relay_deliveries_total 14\n"))
  }
}
