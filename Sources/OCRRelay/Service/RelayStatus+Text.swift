internal import OCRContract
internal import RelayCore

extension RelayStatus {
  /// Whether requests are taken, called for and answered.
  var isReady: Bool { isConsuming && canPublish && isGateOpen }

  /// Whether answers and requests can travel.
  var broker: String {
    if isBlocked { return "blocked" }
    return isConsumeLinkOpen && isPublishLinkOpen ? "ok" : "disconnected"
  }

  /// Whether the OCR service lets the relay in.
  var credential: String {
    if gateScope == .credential { return "failing" }
    return tokenSecondsLeft != nil || isConsuming ? "ok" : "unknown"
  }

  /// Whether the OCR service answers.
  var backend: String { gateScope == .service ? "failing" : "ok" }

  /// Whether requests are taken: from where to where they are held up otherwise.
  var gate: String { isGateOpen ? "open" : isGateProbing ? "probing" : "closed" }

  /// The status as JSON, for people and probes.
  var json: String {
    let reason = Self.quoted(gateReason)
    let advice = Self.quoted(gateAdvice)
    let since = gateClosedAt.map { "\($0)" } ?? "null"
    let token = tokenSecondsLeft.map { "\($0)" } ?? "null"
    let parts = loops > 1 ? "\"loops\":\(loops),\"ready_loops\":\(readyLoops)," : ""
    return """
      {"ready":\(isReady),\(parts)"consuming":\(isConsuming),"publishing":\(canPublish),"gate_open":\(isGateOpen),\
      "gate":"\(gate)","gate_reason":\(reason),"gate_advice":\(advice),"gate_since_ms":\(since),\
      "checks":{"broker":"\(broker)","credential":"\(credential)","backend":"\(backend)"},\
      "token_seconds_left":\(token),"in_flight":\(inFlight),\
      "auth":\(credentials.json)}

      """
  }

  private static func quoted(_ text: String?) -> String {
    var writer = JSONWriter()
    if let text { writer.string(text) } else { writer.null() }
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}
