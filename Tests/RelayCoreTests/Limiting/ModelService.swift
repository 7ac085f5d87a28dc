import RelayCore

/// A service with a hard limit. It keeps a ledger of all calls, refused ones included.
struct ModelService {
  enum Window: CaseIterable {
    /// Windows follow each other; nobody knows where they begin.
    case fixed
    /// Any stretch of the window's length; refused calls do not count.
    case sliding
    /// The same, and refused calls count.
    case slidingCountingRefused
    /// A bucket of the limit's size that fills evenly.
    case bucket
  }

  enum Telling: CaseIterable {
    /// The refusal names limit and window.
    case limit
    /// The refusal demands a wait.
    case retryAfter
    /// The refusal says nothing.
    case nothing
  }

  var kind: Window
  var limit: RateLimit
  var telling = Telling.limit
  var alignment = Duration.zero
  private(set) var ledger: [(time: Duration, isRefused: Bool)] = []
  private var counted: [Duration] = []
  private var head = 0
  private var level: Double
  private var filled = Duration.zero

  init(_ kind: Window, _ limit: RateLimit, telling: Telling = .limit, alignment: Duration = .zero) {
    self.kind = kind
    self.limit = limit
    self.telling = telling
    self.alignment = alignment
    level = Double(limit.calls)
  }

  /// A call arrives; the refusal, if it is one.
  mutating func call(at now: Duration) -> ThrottleNotice? {
    let isAllowed = kind == .bucket ? allowedByBucket(now) : allowedByWindow(now)
    ledger.append((now, !isAllowed))
    if isAllowed || kind == .slidingCountingRefused { counted.append(now) }
    guard !isAllowed else { return nil }
    switch telling {
    case .limit: return ThrottleNotice(kind: .rate, limit: limit.calls, window: limit.window, policy: "user")
    case .retryAfter: return ThrottleNotice(kind: .rate, retryAfter: limit.window)
    case .nothing: return ThrottleNotice(kind: .rate)
    }
  }

  private mutating func allowedByWindow(_ now: Duration) -> Bool {
    var start = now - limit.window
    if kind == .fixed {
      let passed = ((now - alignment) / limit.window).rounded(.down)
      start = alignment + limit.window * passed
    }
    while head < counted.count, kind == .fixed ? counted[head] < start : counted[head] <= start { head += 1 }
    return counted.count - head < limit.calls
  }

  private mutating func allowedByBucket(_ now: Duration) -> Bool {
    level = min(Double(limit.calls), level + (now - filled) / .seconds(1) * limit.callsPerSecond)
    filled = now
    guard level >= 1 else { return false }
    level -= 1
    return true
  }

  // MARK: The ledger

  var refused: Int { ledger.count { $0.isRefused } }

  func calls(from start: Duration, to end: Duration, isRefused: Bool? = nil) -> Int {
    ledger.count { $0.time >= start && $0.time < end && (isRefused == nil || $0.isRefused == isRefused) }
  }

  /// The most calls in any window that begins at `start` or later, refused ones included.
  func mostCallsInAWindow(from start: Duration, to end: Duration = .seconds(1 << 40)) -> Int {
    let times = ledger.map(\.time).filter { $0 >= start && $0 < end }
    var most = 0
    var first = 0
    for last in times.indices {
      while times[last] - times[first] >= limit.window { first += 1 }
      most = max(most, last - first + 1)
    }
    return most
  }
}
