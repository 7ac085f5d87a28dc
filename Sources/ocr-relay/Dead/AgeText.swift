import ArgumentParser

/// Lengths of time as people write and read them.
enum AgeText {
  private static let units: [(suffix: Character, seconds: Int64)] = [
    ("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400),
  ]

  /// Reads `90s`, `15m`, `2h` or `7d`.
  static func parse(_ text: String, _ option: String) throws(ValidationError) -> Duration {
    guard let suffix = text.last, let unit = units.first(where: { $0.suffix == suffix }),
      let number = Int64(text.dropLast()), (0...100_000).contains(number)
    else { throw ValidationError("\(option): write a number and s, m, h or d, such as 90s, 15m, 2h or 7d.") }
    return .seconds(number * unit.seconds)
  }

  /// How long ago, in the two largest units: `3 d 4 h`; `?` when nobody knows.
  static func since(_ milliseconds: Int64?, now: Int64) -> String {
    guard let milliseconds, milliseconds > 0 else { return "?" }
    let seconds = max(0, now.subtractingReportingOverflow(milliseconds).partialValue / 1_000)
    switch seconds {
    case ..<60: return "\(seconds) s"
    case ..<3_600: return "\(seconds / 60) min"
    case ..<86_400: return pair(seconds / 3_600, "h", seconds % 3_600 / 60, "min")
    default: return pair(seconds / 86_400, "d", seconds % 86_400 / 3_600, "h")
    }
  }

  private static func pair(_ large: Int64, _ unit: String, _ small: Int64, _ smallUnit: String) -> String {
    small == 0 ? "\(large) \(unit)" : "\(large) \(unit) \(small) \(smallUnit)"
  }

  /// Bytes: `512 B`, `1.5 KiB`, `12.0 MiB`.
  static func size(_ bytes: Int) -> String {
    if bytes < 1_024 { return "\(bytes) B" }
    let units = ["KiB", "MiB", "GiB", "TiB"]
    var tenths = bytes / 102
    var unit = 0
    while tenths >= 10_240, unit < units.count - 1 {
      tenths /= 1_024
      unit += 1
    }
    return "\(tenths / 10).\(tenths % 10) \(units[unit])"
  }

  /// A number with commas between thousands.
  static func count(_ number: Int) -> String {
    var text = ""
    for (position, digit) in String(number).reversed().enumerated() {
      if position > 0, position % 3 == 0, digit != "-" { text.append(",") }
      text.append(digit)
    }
    return String(text.reversed())
  }
}
