import RelayCore

/// Reads the limit out of the text of a refusal. Three wordings are known; other texts tell nothing.
enum ThrottleText {
  /// What the text tells, with `kind` and `retryAfter` as given.
  static func notice(_ message: String, kind: ThrottleNotice.Kind, retryAfter: Duration?) -> ThrottleNotice {
    var notice = ThrottleNotice(kind: kind, retryAfter: retryAfter)
    if let (limit, window) = gateway(message) ?? identity(message) ?? bearerGateway(message) {
      notice.limit = limit
      notice.window = window
    }
    notice.policy = policy(message)
    return notice
  }

  /// `policy user over ratelimit,limit:100,time:1 minute`
  private static func gateway(_ message: String) -> (Int, Duration)? {
    var text = TextCursor(message)
    guard text.skip(past: "over ratelimit"), text.skip(past: "limit:"), let limit = text.number(),
      text.skip(past: "time:"), let count = text.number(), let unit = unit(text.word())
    else { return nil }
    return positive(limit, .seconds(count * unit))
  }

  /// `Threshold: 10 times per 60 seconds`
  private static func identity(_ message: String) -> (Int, Duration)? {
    var text = TextCursor(message)
    guard text.skip(past: "Threshold:"), let limit = text.number(), text.skip(past: "times per"),
      let seconds = text.number()
    else { return nil }
    return positive(limit, .seconds(seconds))
  }

  /// `限制：1分钟内最多请求60次`: in one minute at most 60 calls.
  private static func bearerGateway(_ message: String) -> (Int, Duration)? {
    var text = TextCursor(message)
    guard text.skip(past: "限制："), let minutes = text.number(), text.skip(past: "分钟内最多请求"),
      let limit = text.number()
    else { return nil }
    return positive(limit, .seconds(minutes * 60))
  }

  private static func policy(_ message: String) -> String? {
    var text = TextCursor(message)
    guard text.skip(past: "policy ") else { return nil }
    let word = text.word()
    return word.isEmpty || !text.skip(past: "over ratelimit") ? nil : word
  }

  private static func unit(_ word: String) -> Int? {
    switch word {
    case "second", "seconds": 1
    case "minute", "minutes": 60
    case "hour", "hours": 3600
    case "day", "days": 86_400
    default: nil
    }
  }

  private static func positive(_ limit: Int, _ window: Duration) -> (Int, Duration)? {
    limit > 0 && window > .zero ? (limit, window) : nil
  }
}
