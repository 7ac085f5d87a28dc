/// The faults in force, in the order they were asked for. Pure: the caller guards the value.
struct FaultPlan: Sendable {
  struct Entry: Sendable {
    var id: Int
    var fault: Fault
    var remaining: Int?
    var hits = 0
    var dice: SeededDice
  }

  private(set) var entries: [Entry] = []
  private var nextID = 1

  /// Adds a fault and returns its number.
  mutating func add(_ fault: Fault) -> Int {
    defer { nextID += 1 }
    entries.append(Entry(id: nextID, fault: fault, remaining: fault.times, dice: SeededDice(seed: fault.seed)))
    return nextID
  }

  /// Ends all faults.
  mutating func removeAll() { entries = [] }

  /// Ends one fault; false when there is none of that number.
  mutating func remove(id: Int) -> Bool {
    let before = entries.count
    entries.removeAll { $0.id == id }
    return entries.count != before
  }

  /// The faults that hit this call. Delays and token faults add up; the first of any other kind is the last taken.
  mutating func strike(target: Fault.Target, api: String?) -> [Fault] {
    var struck: [Fault] = []
    for index in entries.indices {
      let fault = entries[index].fault
      guard fault.target == target, fault.apis.isEmpty || api.map(fault.apis.contains) == true else { continue }
      guard entries[index].remaining != 0, entries[index].dice.roll() < fault.share else { continue }
      entries[index].remaining = entries[index].remaining.map { $0 - 1 }
      entries[index].hits += 1
      struck.append(fault)
      if ![.delay, .expireToken, .revokeToken].contains(fault.kind) { break }
    }
    return struck
  }
}

/// Repeatable random numbers (SplitMix64), so that a share of calls is the same share in every run.
struct SeededDice: Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// The next number from 0 up to but not including 1.
  mutating func roll() -> Double {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
    word ^= word >> 31
    return Double(word >> 11) / Double(1 << 53)
  }
}
