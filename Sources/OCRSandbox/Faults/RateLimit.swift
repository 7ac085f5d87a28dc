/// How many calls are allowed in how long.
public struct RateLimit: Sendable, Equatable {
  /// How the window moves.
  public enum Window: String, Sendable {
    /// Any stretch of the window's length.
    case sliding
    /// Stretches that follow each other, the first beginning at the epoch.
    case fixed
  }
  /// Calls allowed in a window.
  public var calls: Int
  /// Length of the window, in seconds.
  public var seconds: Int
  /// How the window moves.
  public var window: Window

  /// Makes a limit.
  public init(calls: Int, seconds: Int, window: Window = .sliding) {
    self.calls = calls
    self.seconds = seconds
    self.window = window
  }

  /// Reads `30/10s`, `100/1m`, `5/s`, with `fixed:` before it for a fixed window; nil when it is none of these.
  public init?(_ text: String) {
    var rest = Substring(text)
    var window = Window.sliding
    if rest.hasPrefix("fixed:") {
      window = .fixed
      rest = rest.dropFirst("fixed:".count)
    }
    let parts = rest.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let calls = Int(parts[0]), calls > 0, let unit = parts[1].last else { return nil }
    let scales: [Character: Int] = ["s": 1, "m": 60, "h": 3600]
    let countText = parts[1].dropLast()
    guard let scale = scales[unit], let count = countText.isEmpty ? 1 : Int(countText), (1...86_400).contains(count)
    else { return nil }
    self.init(calls: calls, seconds: count * scale, window: window)
  }
}

/// Counts calls against a limit. Pure: the caller brings the time and guards the value.
struct RateGate: Sendable {
  var limit: RateLimit
  private var admitted: [Double] = []
  private var head = 0

  init(_ limit: RateLimit) { self.limit = limit }

  /// True when the call may pass; it is counted then. A refused call is not counted in the window.
  mutating func admit(at now: Double) -> Bool {
    let length = Double(limit.seconds)
    let start = limit.window == .fixed ? (now / length).rounded(.down) * length : now - length
    while head < admitted.count, limit.window == .fixed ? admitted[head] < start : admitted[head] <= start {
      head += 1
    }
    if head > 1024 {
      admitted.removeFirst(head)
      head = 0
    }
    guard admitted.count - head < limit.calls else { return false }
    admitted.append(now)
    return true
  }
}
