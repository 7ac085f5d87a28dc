/// A language of the pages.
enum Language: String, Sendable, CaseIterable {
  case english = "en"
  case chinese = "zh"

  /// The cookie with the language that somebody has chosen.
  static let cookieName = "ocr_console_language"

  /// For the attribute `lang`.
  var tag: String { self == .english ? "en" : "zh-Hans" }

  /// What its readers call it.
  var label: String { self == .english ? "English" : "中文" }

  /// The text in this language.
  func say(_ english: String, _ chinese: String) -> String { self == .english ? english : chinese }

  /// What a request asks for: by its query, its cookie, or what the browser prefers.
  init(of request: ConsoleRequest) {
    let chosen = request.query["language"] ?? request.cookie(Self.cookieName)
    self = chosen.flatMap(Language.init(rawValue:)) ?? Self.preferred(request.header("accept-language") ?? "")
  }

  private static func preferred(_ header: String) -> Language {
    var best = (language: Language.english, weight: 0.0)
    for entry in header.split(separator: ",").prefix(20) {
      let parts = entry.split(separator: ";")
      let tag = (parts.first ?? "").filter { $0 != " " }.lowercased()
      let weight =
        parts.dropFirst().first { $0.contains("q=") }
        .flatMap { Double($0.split(separator: "=").last?.filter { $0 != " " } ?? "") } ?? 1
      guard let language = tag.hasPrefix("zh") ? .chinese : tag.hasPrefix("en") ? .english : nil as Language?,
        weight > best.weight
      else { continue }
      best = (language, weight)
    }
    return best.language
  }
}
