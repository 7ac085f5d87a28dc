/// Which publishers send so much that their requests are in the way of others: pure decisions.
///
/// A relay holds a few requests of a queue at a time. Behind those of a publisher that floods the queue, others would wait
/// for the whole flood to be called. So whoever has more than a fair share of what is held is set aside: its requests get
/// what the others leave, for as long as it goes on.
///
/// Requests without a proven publisher count as those of one. As long as there are no others, nobody is in the way.
public struct FloodWatch: Sendable {
  private let capacity: Int
  private let memory: Duration
  private var floodingUntil: [String: Duration] = [:]
  private var hasSeenNames = false

  /// A watch over the `capacity` requests that are held at a time. A flood counts as over when nothing was seen of it for
  /// as long as `memory`.
  public init(capacity: Int, memory: Duration = .seconds(10)) {
    self.capacity = capacity
    self.memory = memory
  }

  /// Whether the publisher was seen flooding a short time ago. Asked for each request of it.
  public mutating func isFlooding(_ publisher: String, now: Duration) -> Bool {
    if !publisher.isEmpty { hasSeenNames = true }
    guard !floodingUntil.isEmpty, let end = floodingUntil[publisher] else { return false }
    if end > now { return true }
    floodingUntil[publisher] = nil
    return false
  }

  /// A request of the publisher has come and waits: `requests` of it are held now, and those of `publishers` in all. True
  /// when that is more than its share.
  public mutating func isOverShare(_ publisher: String, requests: Int, publishers: Int, now: Duration) -> Bool {
    guard requests > share(of: publishers), !publisher.isEmpty || hasSeenNames else { return false }
    if floodingUntil.count >= Self.mostFloods, floodingUntil[publisher] == nil {
      floodingUntil = floodingUntil.filter { $0.value > now }
      guard floodingUntil.count < Self.mostFloods else { return false }
    }
    floodingUntil[publisher] = now + memory
    return true
  }

  /// One share stays free for who comes next.
  private func share(of publishers: Int) -> Int { max(Self.leastShare, capacity / (max(1, publishers) + 1)) }

  private static let leastShare = 2
  private static let mostFloods = 1_024
}
