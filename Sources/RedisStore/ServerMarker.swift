/// A key that tells whether Redis still has its data: written once by whoever comes first, then looked at.
struct ServerMarker {
  enum Verdict: Equatable {
    case unchanged
    /// The key is gone, or others have written it anew.
    case lost
  }

  private let key: String
  private var known: [UInt8]?

  init(key: String) {
    self.key = key
  }

  /// Writes the key unless it is there, each time with another value: what was written anew is not what was there.
  /// Refused by a server that takes no writes even when the key is there.
  func write(using random: inout some RandomNumberGenerator) -> RedisCommand {
    ["SET", .text(key), .text(String(random.next() as UInt64, radix: 36)), "NX"]
  }

  var read: RedisCommand { ["GET", .text(key)] }

  /// What was read. A loss is told once: whatever is there next is the new state.
  mutating func saw(_ value: [UInt8]?) -> Verdict {
    defer { known = value }
    return known == nil || known == value ? .unchanged : .lost
  }
}
