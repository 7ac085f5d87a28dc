internal import HealthEndpoint
internal import Telemetry

/// What the service answers over HTTP.
struct RelayEndpoints: Sendable {
  /// Asks the relay; only called while its loops turn.
  let status: @Sendable () async -> RelayStatus
  /// One for each loop.
  let pulses: [LoopPulse]
  /// How long a loop may stand still before the process counts as hung.
  let stallLimit: Duration
  let libraries: LibraryMetrics?

  /// Paths and answers.
  var routes: [HealthServer.Route] {
    [
      .init("livez") { live() },
      .init("readyz") { await state { $0.isReady } },
      .init("consumingz") { await state { $0.isConsuming } },
      .init("metrics") { await metrics() },
    ]
  }

  /// Whether every loop turns. No question to the broker or the service: what ails them is not mended by a restart.
  func live() -> HealthServer.Answer {
    let age = pulses.map(\.age).max() ?? .zero
    guard age > stallLimit else { return .init(text: "alive\n") }
    return .init(status: 503, text: "the event loop has not turned for \(age.components.seconds) seconds\n")
  }

  func state(_ isGood: @Sendable (RelayStatus) -> Bool) async -> HealthServer.Answer {
    let live = live()
    guard live.status == 200 else { return live }
    let status = await status()
    return .init(status: isGood(status) ? 200 : 503, contentType: "application/json", text: status.json)
  }

  func metrics() async -> HealthServer.Answer {
    let live = live()
    guard live.status == 200 else { return live }
    let text = RelayMetrics.text(await status(), process: ProcessUsage.now(), libraries: libraries)
    return .init(contentType: PrometheusText.contentType, text: text)
  }
}
