import AMQP
import Foundation
import OCRContract
import TestSupport
import Testing

extension IntegrationTests {
  /// The HTTP port: health and metrics.
  @Suite struct HealthTests {
    @Test func aWorkingRelayIsAliveReadyAndConsuming() async throws {
      let stage = try await Stage.make(relay: HealthProbe.setting)
      let probe = try await HealthProbe(of: stage.relay)
      for path in ["/livez", "/readyz", "/consumingz", "/metrics"] {
        #expect(try await probe.get(path).status == 200, "\(path)")
      }
      #expect(try await probe.get("/nothing").status == 404)
      let status = try await probe.get("/readyz").text
      #expect(status.contains(#""checks":{"broker":"ok","credential":"ok","backend":"ok"}"#))
      #expect(await stage.relay.process.terminate() == .code(0))
    }

    @Test func metricsFollowTheRequests() async throws {
      let stage = try await Stage.make(relay: HealthProbe.setting)
      let probe = try await HealthProbe(of: stage.relay)
      let mailbox = try await stage.mailbox()
      for _ in 0..<3 { _ = try await Request.picture().ask(mailbox) }
      _ = try await Request(api: "general-text", body: [], contentType: "image/png").ask(mailbox)
      #expect(try await probe.metric("ocr_relay_deliveries_total") == "4")
      #expect(try await probe.metric("ocr_relay_results_total") == "3")
      #expect(try await probe.metric("ocr_relay_errors_total") == "1")
      #expect(try await probe.metric(#"ocr_relay_calls_total{api="general-text"}"#) == "3")
      #expect(try await probe.metric("ocr_relay_call_seconds_count") == "3")
      let failure = #"ocr_relay_request_failures_total{code="OCR_BODY_EMPTY",class="malformed"}"#
      #expect(try await probe.metric(failure) == "1")
      #expect(try await probe.metric("ocr_relay_consuming") == "1")
      #expect(try await probe.metric(#"ocr_relay_gate{state="open"}"#) == "1")
      // What a library reports: the port itself.
      let labels = #"http_route="/metrics",http_request_method="GET",http_response_status_code="200""#
      #expect(try await probe.metric("hb_requests_total{\(labels)}") != nil)
      #expect(await stage.relay.process.terminate() == .code(0))
    }

    @Test func withoutABrokerItLivesAndIsNotReady() async throws {
      let sandbox = try await Sandbox.start()
      let relay = try await RelayProcess.launch(
        RelayProcess.settings(amqp: "amqp://127.0.0.1:1", sandbox: sandbox.url, HealthProbe.setting))
      let probe = try await HealthProbe(of: relay)
      #expect(try await probe.get("/livez").status == 200)
      #expect(try await probe.get("/consumingz").status == 503)
      let ready = try await probe.get("/readyz")
      #expect(ready.status == 503)
      #expect(ready.text.contains(#""broker":"disconnected""#))
      #expect(try await probe.metric(#"ocr_relay_broker_connected{purpose="publishing"}"#) == "0")
      #expect(await relay.process.terminate() == .code(0))
    }

    @Test func aWrongPasswordIsTheCredentialsFault() async throws {
      let stage = try await Stage.make(
        relay: HealthProbe.setting.merging(["AUTH_PASSWORD": "wrong"]) { $1 }, isReady: false)
      let probe = try await HealthProbe(of: stage.relay)
      try await stage.relay.log("requests wait in the queue")
      let ready = try await probe.get("/readyz")
      #expect(ready.status == 503)
      #expect(ready.text.contains(#""broker":"ok","credential":"failing","backend":"ok""#))
      #expect(try await probe.metric(#"ocr_relay_gate{state="open"}"#) == "0")
      #expect(await stage.relay.process.terminate() == .code(0))
    }
  }
}
