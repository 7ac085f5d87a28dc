/// Results in the memory of this process, bounded in bytes and time: the oldest leave first.
///
/// Isolation: not `Sendable`; belongs to its loop. Completions are called at once.
public final class MemoryResultStore: ResultStore {
  /// A sixteenth of the whole, so that no single result empties the store.
  public let largestBody: Int
  /// Bytes that the results take, with what keeps them.
  public private(set) var bytes = 0
  /// Results that are kept.
  public var count: Int { entries.count }

  /// What an entry takes besides its body: record, id, and its places in dictionary and order.
  static let overhead = 256

  private let maximumBytes: Int
  private let lifetime: Duration
  private let now: () -> Duration
  private var entries: [ResultKey: Entry] = [:]
  /// Keys by age, from `oldest` on. All live equally long, so age is also the order in which they expire.
  private var order: [Place] = []
  private var oldest = 0

  private struct Entry {
    var result: StoredResult
    var expiresAt: Duration
  }

  private struct Place {
    var key: ResultKey
    var expiresAt: Duration
  }

  /// A store that keeps at most `maximumBytes`, each result for `lifetime`; `now` is a clock that never goes back.
  public init(maximumBytes: Int, lifetime: Duration, now: @escaping () -> Duration) {
    precondition(maximumBytes >= 0, "MemoryResultStore: maximumBytes \(maximumBytes) is negative")
    self.maximumBytes = maximumBytes
    self.lifetime = lifetime
    self.now = now
    largestBody = max(0, maximumBytes / 16 - Self.overhead)
  }

  /// Looks a result up; one whose time is over does not count.
  public func find(_ key: ResultKey, _ completion: @escaping (StoredResult?) -> Void) {
    completion(find(key))
  }

  /// Keeps a result unless there is one already, or it is too large.
  public func keep(_ key: ResultKey, _ result: StoredResult, _ completion: @escaping (StoredResult?) -> Void) {
    completion(keep(key, result))
  }

  /// `find` for who knows that this store answers at once.
  public func find(_ key: ResultKey) -> StoredResult? {
    guard let entry = entries[key] else { return nil }
    guard entry.expiresAt > now() else {
      dropExpired(now())
      return nil
    }
    return entry.result
  }

  /// `keep` for who knows that this store answers at once: the earlier result when there is one.
  public func keep(_ key: ResultKey, _ result: StoredResult) -> StoredResult? {
    if let earlier = find(key) { return earlier }
    guard result.body.count <= largestBody else { return nil }
    let size = Self.size(result)
    let time = now()
    makeRoom(for: size, time)
    guard bytes + size <= maximumBytes else { return nil }
    let expiresAt = time + lifetime
    entries[key] = Entry(result: result, expiresAt: expiresAt)
    order.append(Place(key: key, expiresAt: expiresAt))
    bytes += size
    return nil
  }

  private static func size(_ result: StoredResult) -> Int { result.body.count + overhead }

  private func makeRoom(for size: Int, _ time: Duration) {
    dropExpired(time)
    while oldest < order.count, bytes + size > maximumBytes { dropOldest() }
  }

  private func dropExpired(_ time: Duration) {
    while oldest < order.count, order[oldest].expiresAt <= time { dropOldest() }
  }

  private func dropOldest() {
    if let entry = entries.removeValue(forKey: order[oldest].key) { bytes -= Self.size(entry.result) }
    oldest += 1
    // Moves what is left seldom enough to cost next to nothing for each.
    guard oldest >= 1_024, oldest * 2 >= order.count else { return }
    order.removeFirst(oldest)
    oldest = 0
  }
}
