/// Reads the header `Retry-After`.
enum RetryAfter {
  /// Longer waits are cut to a day.
  static let maximum: Duration = .seconds(86_400)

  /// The wait demanded, or nil when the header is missing or unreadable. A date is read against the `Date` header of
  /// the same answer, so that the local clock does not matter; without that header it tells nothing.
  static func wait(_ header: String?, date: String?) -> Duration? {
    guard let header else { return nil }
    var cursor = TextCursor(header)
    cursor.skipSpaces()
    if let seconds = cursor.number() {
      cursor.skipSpaces()
      return cursor.isAtEnd ? min(.seconds(seconds), maximum) : nil
    }
    guard let then = WireTime.httpDate(header), let now = date.flatMap(WireTime.httpDate) else { return nil }
    return min(max(.seconds(then - now), .zero), maximum)
  }
}
