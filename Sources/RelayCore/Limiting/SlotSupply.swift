/// Permits of one process out of a limit that several share: slots on a timeline that belongs to all of them.
///
/// Whoever keeps the timeline hands out each slot once, evenly spaced. So all processes together keep the pace as long as
/// each uses a slot at its time; one that was not used within the tolerance is lost, never saved up.
public struct SlotSupply: Sendable {
  /// Evenly spaced slots.
  public struct Run: Sendable, Equatable {
    /// When the first is to be used.
    public var first: Duration
    /// Time between two slots.
    public var interval: Duration
    /// How many there are.
    public var count: Int

    /// Makes a run; `count` is at least 0.
    public init(first: Duration, interval: Duration, count: Int) {
      self.first = first
      self.interval = interval
      self.count = count
    }

    /// Takes the first slot off.
    mutating func removeFirst() {
      first += interval
      count -= 1
    }

    /// Takes off the slots before `time`.
    mutating func remove(before time: Duration) {
      guard first < time, count > 0 else { return }
      let passed = interval > .zero ? (time - first) / interval : Double(count)
      let lost = passed >= Double(count) ? count : Int(passed.rounded(.up))
      first += interval * lost
      count -= lost
    }
  }

  /// How late a slot may be used.
  public var tolerance: Duration
  private var runs: [Run] = []
  /// Slots that nobody used in time.
  public private(set) var lost = 0

  /// No slots.
  public init(tolerance: Duration = .zero) {
    self.tolerance = tolerance
  }

  /// Slots in stock, those included whose time is over but not yet noticed.
  public var count: Int { runs.reduce(0) { $0 + $1.count } }

  /// When the next slot may be used; nil without one.
  public var earliest: Duration? { runs.first?.first }

  /// Adds slots; they follow those in stock.
  public mutating func add(_ run: Run) {
    if run.count > 0 { runs.append(run) }
  }

  /// Takes the slot whose time has come, if there is one.
  public mutating func take(now: Duration) -> Bool {
    dropLate(now: now)
    guard let first = runs.first, first.first <= now else { return false }
    runs[0].removeFirst()
    if runs[0].count == 0 { runs.removeFirst() }
    return true
  }

  /// Gives up all slots, because the pace was cut or for handing them back: the runs that were left.
  public mutating func removeAll() -> [Run] {
    defer { runs.removeAll(keepingCapacity: true) }
    return runs
  }

  /// Forgets the slots whose time is over.
  mutating func dropLate(now: Duration) {
    while var first = runs.first {
      let before = first.count
      first.remove(before: now - tolerance)
      lost += before - first.count
      guard first.count == 0 else {
        if before != first.count { runs[0] = first }
        return
      }
      runs.removeFirst()
    }
  }
}
