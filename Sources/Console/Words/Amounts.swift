internal import FoundationEssentials

/// Numbers, times and sizes as people read them.
struct Amounts: Sendable {
  let language: Language
  /// Milliseconds since 1970.
  let now: Int64

  /// `12,345`.
  func number(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var text = ""
    for (position, digit) in digits.enumerated() {
      if position > 0, (digits.count - position) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return (value < 0 ? "-" : "") + text
  }

  /// `3 letters`.
  func letters(_ count: Int) -> String {
    language.say(count == 1 ? "1 letter" : "\(number(count)) letters", "\(number(count)) 封死信")
  }

  /// `0.4`, `12`, `1,200`.
  func rate(_ value: Double) -> String {
    guard value.isFinite, value < 1e12 else { return "∞" }
    guard value < 10 else { return number(Int(value.rounded())) }
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? String(tenths / 10) : "\(tenths / 10).\(tenths % 10)"
  }

  /// `3.4 MB`.
  func size(_ bytes: Int) -> String {
    switch bytes {
    case ..<1_000: "\(bytes) B"
    case ..<1_000_000: rate(Double(bytes) / 1e3) + " kB"
    case ..<1_000_000_000: rate(Double(bytes) / 1e6) + " MB"
    default: rate(Double(bytes) / 1e9) + " GB"
    }
  }

  /// `45 s`, `3 min`, `2 h`, `5 days`.
  func span(milliseconds: Int64) -> String {
    let seconds = max(0, milliseconds / 1_000)
    switch seconds {
    case ..<90: return language.say("\(seconds) s", "\(seconds) 秒")
    case ..<5_400: return language.say("\((seconds + 30) / 60) min", "\((seconds + 30) / 60) 分钟")
    case ..<129_600: return language.say("\((seconds + 1_800) / 3_600) h", "\((seconds + 1_800) / 3_600) 小时")
    default: return language.say("\((seconds + 43_200) / 86_400) days", "\((seconds + 43_200) / 86_400) 天")
    }
  }

  /// `3 min ago`, with the exact time behind it.
  func ago(_ milliseconds: Int64?) -> Markup {
    guard let milliseconds, Self.isPlausible(milliseconds) else {
      return "<span>\(language.say("unknown", "未知"))</span>"
    }
    let (difference, overflow) = now.subtractingReportingOverflow(milliseconds)
    let age = span(milliseconds: overflow ? 0 : difference)
    let text = age.hasPrefix("0 ") ? language.say("just now", "刚刚") : language.say("\(age) ago", "\(age)前")
    return "<time datetime=\"\(Self.iso(milliseconds))\" title=\"\(Self.clock(milliseconds))\">\(text)</time>"
  }

  /// `2026-01-02 03:04:05 UTC`.
  func clock(_ milliseconds: Int64?) -> Markup {
    guard let milliseconds, Self.isPlausible(milliseconds) else {
      return "<span>\(language.say("unknown", "未知"))</span>"
    }
    return "<time datetime=\"\(Self.iso(milliseconds))\">\(Self.clock(milliseconds))</time>"
  }

  /// Times from outside may be anything: those of this and the next centuries are shown.
  private static func isPlausible(_ milliseconds: Int64) -> Bool { (1...32_503_680_000_000).contains(milliseconds) }

  private static func iso(_ milliseconds: Int64) -> String {
    Date(timeIntervalSince1970: Double(milliseconds / 1_000)).formatted(.iso8601)
  }

  private static func clock(_ milliseconds: Int64) -> String {
    iso(milliseconds).replacing("T", with: " ").replacing("Z", with: " UTC")
  }
}
