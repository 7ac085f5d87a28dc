extension RelayStatus {
  /// Whether requests are taken, called for and answered.
  var isReady: Bool { isConsuming && canPublish && isGateOpen }

  /// The status as JSON, for people and probes.
  var json: String {
    let reason = gateReason.map { "\"\($0)\"" } ?? "null"
    let token = tokenSecondsLeft.map { "\($0)" } ?? "null"
    return """
      {"ready":\(isReady),"consuming":\(isConsuming),"publishing":\(canPublish),"gate_open":\(isGateOpen),\
      "gate_reason":\(reason),"token_seconds_left":\(token),"in_flight":\(inFlight)}

      """
  }
}
