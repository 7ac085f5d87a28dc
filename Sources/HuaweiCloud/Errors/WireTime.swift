/// Points in time as services write them, in seconds since 1970.
package enum WireTime {
  /// `2026-01-02T09:05:22.701000Z`: UTC, fraction optional and ignored.
  static func iso8601(_ text: String) -> Int? {
    var cursor = TextCursor(text)
    guard let year = cursor.number(digits: 4), cursor.take(UInt8(ascii: "-")), let month = cursor.number(digits: 2),
      cursor.take(UInt8(ascii: "-")), let day = cursor.number(digits: 2), cursor.take(UInt8(ascii: "T")),
      let time = timeOfDay(&cursor)
    else { return nil }
    if cursor.take(UInt8(ascii: ".")) { cursor.skipDigits() }
    guard cursor.take(UInt8(ascii: "Z")), cursor.isAtEnd else { return nil }
    return seconds(year, month, day, time)
  }

  /// `Sun, 06 Nov 1994 08:49:37 GMT`, the only form that RFC 9110 lets servers write.
  package static func httpDate(_ text: String) -> Int? {
    var cursor = TextCursor(text)
    guard cursor.word().utf8.count == 3, cursor.take(UInt8(ascii: ",")), cursor.take(0x20),
      let day = cursor.number(digits: 2), cursor.take(0x20),
      let month = months.firstIndex(of: cursor.word()), cursor.take(0x20),
      let year = cursor.number(digits: 4), cursor.take(0x20),
      let time = timeOfDay(&cursor), cursor.word() == "GMT", cursor.isAtEnd
    else { return nil }
    return seconds(year, month + 1, day, time)
  }

  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  private static func timeOfDay(_ cursor: inout TextCursor) -> Int? {
    guard let hour = cursor.number(digits: 2), cursor.take(UInt8(ascii: ":")), let minute = cursor.number(digits: 2),
      cursor.take(UInt8(ascii: ":")), let second = cursor.number(digits: 2), hour < 24, minute < 60, second <= 60
    else { return nil }
    return hour * 3600 + minute * 60 + second
  }

  /// The day number of the proleptic Gregorian calendar, counted in years that begin in March so that the leap day
  /// is the last one.
  private static func seconds(_ year: Int, _ month: Int, _ day: Int, _ time: Int) -> Int? {
    guard (1...12).contains(month), (1...daysIn(month, year)).contains(day) else { return nil }
    let shifted = month > 2 ? year : year - 1
    let monthFromMarch = (month + 9) % 12
    let leapDays = shifted / 4 - shifted / 100 + shifted / 400
    let days = shifted * 365 + leapDays + (153 * monthFromMarch + 2) / 5 + day - 1
    let epochDay = 719_468
    return (days - epochDay) * 86_400 + time
  }

  private static func daysIn(_ month: Int, _ year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}
