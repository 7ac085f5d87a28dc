import Foundation
import OCRContract
import TestSupport
import Testing

extension IntegrationTests {
  /// Dashboard and alerts against what a relay and a broker really export.
  @Suite struct MonitoringTests {
    private static func text(_ path: String) throws -> String {
      try String(contentsOfFile: Repository.path(path), encoding: .utf8)
    }

    /// The names of metrics in a text.
    private static func metrics(in text: String) -> Set<String> {
      let pattern = /\b(?:ocr_relay|process|rabbitmq)_[a-z_]*[a-z]/
      return Set(text.matches(of: pattern).map { String($0.output) })
    }

    /// The names of series in a scrape, buckets included.
    private static func series(in scrape: String) -> Set<String> {
      Set(
        scrape.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { line in
          line.split(whereSeparator: { $0 == "{" || $0 == " " }).first.map { String($0) }
        })
    }

    @Test func everyMetricOfDashboardAndAlertsIsExported() async throws {
      let broker = try await PrivateBroker.start(.management)
      let sandbox = try await Sandbox.start()
      let relay = try await RelayProcess.start(
        RelayProcess.settings(amqp: broker.url, sandbox: sandbox.url, HealthProbe.setting))
      let probe = try await HealthProbe(of: relay)
      let mailbox = try await Mailbox.open(broker.url, .ownQueue)
      _ = try await Request.picture().ask(mailbox)
      var exported = Self.series(in: try await probe.get("/metrics").text)
      // A reason is there only while there is one.
      try await sandbox.add(fault: #"{"kind":"status","status":403,"code":"ModelArts.4204","message":"denied"}"#)
      try await Request.picture().send(by: mailbox, to: await mailbox.queue)
      try await relay.log("requests wait in the queue")
      exported.formUnion(Self.series(in: try await probe.get("/metrics").text))
      exported.formUnion(Self.series(in: try await HealthProbe.get(await broker.metricsURL()).text))
      for file in ["docker/grafana/dashboards/ocr-relay.json", "docker/prometheus/alerts.yaml"] {
        let used = Self.metrics(in: try Self.text(file))
        #expect(used.count > 15)
        #expect(used.subtracting(exported).isEmpty, "\(file) uses what nobody exports")
      }
      #expect(await relay.process.terminate() == .code(0))
      try await broker.remove()
    }

    @Test func everyAlertHasATestAndARunbook() throws {
      let alerts = try Self.text("docker/prometheus/alerts.yaml").matches(of: /- alert: (\w+)/).map { String($0.1) }
      let tests = try Self.text("docker/prometheus/alerts.test.yaml")
      let guide = try Self.text("Sources/OCRRelay/Documentation/operations.md")
      #expect(alerts.count > 20)
      for alert in alerts {
        #expect(tests.contains("  - name: \(alert)\n"), "\(alert)")
        #expect(guide.contains("### \(alert)\n"), "\(alert)")
        #expect(try Self.text("docker/prometheus/alerts.yaml").contains("operations.md#\(alert.lowercased())\""))
      }
    }
  }
}
