internal import FoundationEssentials

/// Names of jobs: `20260102-030405-1a2b3c4d`, the time in UTC and a random part. They are names of files too.
enum JobID {
  /// A new one. `now` is in milliseconds since 1970.
  static func make(now: Int64) -> String {
    let parts = Calendar.utc.dateComponents(
      [.year, .month, .day, .hour, .minute, .second], from: Date(timeIntervalSince1970: Double(now) / 1_000))
    func digits(_ value: Int?, _ count: Int) -> String {
      let text = String(value ?? 0)
      return String(repeating: "0", count: max(0, count - text.count)) + text
    }
    return digits(parts.year, 4) + digits(parts.month, 2) + digits(parts.day, 2) + "-" + digits(parts.hour, 2)
      + digits(parts.minute, 2) + digits(parts.second, 2) + "-" + ConsoleSecret.randomText().prefix(8)
  }

  /// Whether a text is one.
  static func isValid(_ text: String) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    return parts.map(\.utf8.count) == [8, 6, 8]
      && parts.allSatisfy { $0.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) } }
  }
}

extension Calendar {
  /// Days and hours of UTC.
  static let utc: Calendar = {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    return calendar
  }()
}
