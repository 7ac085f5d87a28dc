/// What one process tells all others at once.
public enum FleetNews: Sendable, Equatable {
  /// The rate was cut: its version and its numbers.
  case rate(version: Int, numbers: [Int])
  /// Too many calls ran at once: a pause.
  case calls(pause: Duration)
  /// The service fails, or works again; `now` is the keeper's time when it was told.
  case outage(FleetOutage, now: Duration)

  /// Reads what the keeper's scripts publish; nil when it is something else.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count <= Self.longestText else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    let parts = text.split(separator: ",", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, let number = Int64(parts[1]), (0..<1 << 53).contains(number) else { return nil }
    switch parts[0] {
    case "rate":
      self = .rate(version: Int(number), numbers: parts[2].split(separator: ",").compactMap { Int($0) })
    case "calls": self = .calls(pause: .microseconds(number))
    case "outage":
      guard let outage = FleetOutage(text: String(parts[2])) else { return nil }
      self = .outage(outage, now: .microseconds(number))
    default: return nil
    }
  }

  private static let longestText = 1_024
}
