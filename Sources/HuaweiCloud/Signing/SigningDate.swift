/// The header `X-Sdk-Date`: UTC as `20260102T030405Z`. The gateway takes it when it differs from its own clock by 15
/// minutes at most.
public enum SigningDate {
  /// The text of a time in seconds since 1970; times outside of the years 0 to 9999 become the nearest of those.
  public static func text(secondsSince1970: Int64) -> String {
    let seconds = min(max(secondsSince1970, -62_167_219_200), 253_402_300_799)
    let time = Int(seconds) - day(of: seconds) * 86_400
    let (year, month, dayOfMonth) = civil(day(of: seconds))
    return String(unsafeUninitializedCapacity: 16) { text in
      put(year, 4, at: 0, text)
      put(month, 2, at: 4, text)
      put(dayOfMonth, 2, at: 6, text)
      text[8] = UInt8(ascii: "T")
      put(time / 3_600, 2, at: 9, text)
      put(time / 60 % 60, 2, at: 11, text)
      put(time % 60, 2, at: 13, text)
      text[15] = UInt8(ascii: "Z")
      return 16
    }
  }

  private static func day(of seconds: Int64) -> Int {
    Int(seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400)
  }

  /// Year, month and day of a day counted from 1970-01-01, in years that begin in March, 400 of them at a time.
  private static func civil(_ day: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = day + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (
      yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    )
  }

  private static func put(_ value: Int, _ width: Int, at start: Int, _ text: UnsafeMutableBufferPointer<UInt8>) {
    var rest = value
    for index in (start..<start + width).reversed() {
      text[index] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
    }
  }
}
