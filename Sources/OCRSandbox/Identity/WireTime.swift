/// UTC times as the identity service writes them, without any calendar library.
enum WireTime {
  /// `2026-01-02T09:05:22.701000Z`; six digits of fraction.
  static func text(_ secondsSinceEpoch: Double) -> String {
    let micros = Int64((secondsSinceEpoch * 1_000_000).rounded(.down))
    let (seconds, fraction) = (micros / 1_000_000, micros % 1_000_000)
    let (days, rest) = (seconds / 86_400, seconds % 86_400)
    let (year, month, day) = civil(days)
    return "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))T"
      + "\(pad(rest / 3600, 2)):\(pad(rest / 60 % 60, 2)):\(pad(rest % 60, 2)).\(pad(fraction, 6))Z"
  }

  /// Days since 1970-01-01 to year, month, day in the proleptic Gregorian calendar; `days` is not negative.
  private static func civil(_ days: Int64) -> (Int64, Int64, Int64) {
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthIndex = (5 * dayOfYear + 2) / 153
    let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * monthIndex + 2) / 5 + 1)
  }

  private static func pad(_ value: Int64, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
