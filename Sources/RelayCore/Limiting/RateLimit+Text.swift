extension RateLimit {
  /// Reads `30/10s`, `100/1m`, `5/s` or `10000/1d`; nil when the text is something else.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let calls = Int(parts[0]), (1...1_000_000_000).contains(calls),
      let unit = parts[1].last, let scale = ["s": 1, "m": 60, "h": 3600, "d": 86_400][unit]
    else { return nil }
    let countText = parts[1].dropLast()
    guard let count = countText.isEmpty ? 1 : Int(countText), (1...86_400).contains(count), count * scale <= 86_400
    else { return nil }
    self.init(calls: calls, window: .seconds(count * scale))
  }

  /// The shortest text that is read back as this limit, in whole seconds.
  public var text: String {
    let seconds = max(1, window.components.seconds)
    for (unit, scale) in [("d", 86_400), ("h", 3600), ("m", 60)] as [(String, Int64)] where seconds % scale == 0 {
      return "\(calls)/\(seconds / scale)\(unit)"
    }
    return "\(calls)/\(seconds)s"
  }
}
