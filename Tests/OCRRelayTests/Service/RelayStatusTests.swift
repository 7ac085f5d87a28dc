import Foundation
import Testing

@testable import OCRRelay

struct RelayStatusTests {
  private static func object(_ status: RelayStatus) throws -> [String: Any] {
    #expect(status.json.hasSuffix("}\n"))
    return try #require(JSONSerialization.jsonObject(with: Data(status.json.utf8)) as? [String: Any])
  }

  @Test func aHealthyRelay() throws {
    var status = RelayStatus()
    (status.isConsuming, status.canPublish, status.tokenSecondsLeft, status.inFlight) = (true, true, 90, 3)
    let object = try Self.object(status)
    for name in ["ready", "consuming", "publishing", "gate_open"] { #expect(object[name] as? Bool == true) }
    for name in ["gate_reason", "gate_advice", "gate_since_ms"] { #expect(object[name] is NSNull) }
    #expect(object["gate"] as? String == "open")
    #expect(object["token_seconds_left"] as? Int == 90 && object["in_flight"] as? Int == 3)
  }

  @Test(arguments: ["closed", "probing"])
  func aRelayThatWaitsSaysWhyAndSinceWhen(_ gate: String) throws {
    var status = RelayStatus()
    (status.isConsuming, status.canPublish, status.isGateOpen) = (true, true, false)
    status.isGateProbing = gate == "probing"
    status.gateReason = "OCR_AUTH_MISCONFIGURED"
    status.gateAdvice = "Say \"please\" \\ twice."
    status.gateClosedAt = 1_700_000_000_000
    let object = try Self.object(status)
    #expect(object["ready"] as? Bool == false && object["gate"] as? String == gate)
    #expect(object["gate_reason"] as? String == "OCR_AUTH_MISCONFIGURED")
    #expect(object["gate_advice"] as? String == "Say \"please\" \\ twice.")
    #expect(object["gate_since_ms"] as? Int == 1_700_000_000_000)
  }
}
