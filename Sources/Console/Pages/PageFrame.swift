/// What every page has around it, and the words for it.
struct PageFrame: Sendable {
  /// The parts of the console.
  enum Tab: String, Sendable, CaseIterable {
    case overview, causes, jobs, audit

    var path: String { self == .overview ? "/" : "/" + rawValue }

    func label(_ language: Language) -> String {
      switch self {
      case .overview: language.say("Overview", "概览")
      case .causes: language.say("Dead letters", "死信")
      case .jobs: language.say("Jobs", "任务")
      case .audit: language.say("Audit log", "审计日志")
      }
    }
  }

  let language: Language
  /// Who looks at it; nil before login.
  let identity: Identity?
  /// The token for forms.
  let csrf: String
  /// Milliseconds since 1970.
  let now: Int64
  /// The page's own path and query, for the switch of languages.
  let path: String
  let query: String
  /// A version of the style and script, so that browsers take the right ones.
  let assets: String

  var amounts: Amounts { Amounts(language: language, now: now) }

  /// Whether actions are offered.
  var mayOperate: Bool { identity?.role == .operate }

  func say(_ english: String, _ chinese: String) -> String { language.say(english, chinese) }

  /// A whole page. `isLive` lets it be read again every few seconds.
  func page(_ title: String, tab: Tab? = nil, isLive: Bool = false, _ content: Markup) -> Markup {
    let refresh: Markup = isLive ? "<noscript><meta http-equiv=\"refresh\" content=\"10\"></noscript>" : .none
    let live: Markup = isLive ? " data-live=\"4\"" : .none
    return """
      <!DOCTYPE html>
      <html lang="\(language.tag)">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(title) · ocr-relay</title>
      <link rel="icon" href="/icon.svg" type="image/svg+xml">
      <link rel="stylesheet" href="/style.css?v=\(assets)">
      <script src="/script.js?v=\(assets)" defer></script>
      \(refresh)
      </head>
      <body>
      <a class="skip" href="#content">\(say("Skip to content", "跳到内容"))</a>
      \(header(tab))
      <main id="content" tabindex="-1"\(live)>
      \(content)
      </main>
      <footer><p>ocr-relay \(say("console", "控制台"))</p></footer>
      </body>
      </html>

      """
  }

  private func header(_ tab: Tab?) -> Markup {
    """
    <header>
    <div class="bar">
    <a class="brand" href="/"><img src="/icon.svg" alt="" width="24" height="24"> ocr-relay</a>
    \(identity == nil ? Markup.none : navigation(tab))
    <div class="account">\(switches)\(account)</div>
    </div>
    </header>
    """
  }

  private func navigation(_ tab: Tab?) -> Markup {
    let links = Tab.allCases.map { each -> Markup in
      let current: Markup = each == tab ? " aria-current=\"page\"" : .none
      return "<a href=\"\(each.path)\"\(current)>\(each.label(language))</a>"
    }
    return "<nav aria-label=\"\(say("Pages", "页面"))\">\(links)</nav>"
  }

  private var switches: Markup {
    let other: Language = language == .english ? .chinese : .english
    let address = path + "?" + (query.isEmpty ? "" : query + "&") + "language=" + other.rawValue
    return
      "<a class=\"language\" lang=\"\(other.tag)\" hreflang=\"\(other.tag)\" href=\"\(address)\">\(other.label)</a>"
  }

  private var account: Markup {
    guard let identity else { return .none }
    let role = identity.role == .operate ? say("may operate", "可操作") : say("may read", "只读")
    let who: Markup = "<span class=\"who\"><b>\(identity.name)</b> <small>\(role)</small></span>"
    guard case .session = identity.proof else { return who }
    return "\(who)\(form("/logout", [], "<button class=\"quiet\">\(say("Log out", "退出"))</button>"))"
  }

  // MARK: Parts

  /// A form that acts, with its token.
  func form(_ action: String, _ values: [(name: String, value: String)], _ content: Markup) -> Markup {
    let fields = (values + [(name: Gatekeeper.csrfField, value: csrf)]).map { name, value -> Markup in
      "<input type=\"hidden\" name=\"\(name)\" value=\"\(value)\">"
    }
    return "<form method=\"post\" action=\"\(action)\">\(fields)\(content)</form>"
  }

  /// A notice above the content.
  func notice(_ kind: NoticeKind, _ content: Markup) -> Markup {
    "<div class=\"notice \(kind.rawValue)\" role=\"\(kind == .bad ? "alert" : "status")\">\(content)</div>"
  }

  /// How serious a notice is.
  enum NoticeKind: String { case good, info, warning, bad }

  /// A table that can be scrolled sideways where there is little room.
  func table(_ label: String, heads: [(text: String, isNumber: Bool)], rows: [[Markup]]) -> Markup {
    let head = heads.map { head -> Markup in
      "<th scope=\"col\"\(head.isNumber ? " class=\"number\"" as Markup : .none)>\(head.text)</th>"
    }
    let body = rows.map { row -> Markup in
      let cells = zip(row, heads).map { cell, head -> Markup in
        "<td\(head.isNumber ? " class=\"number\"" as Markup : .none)>\(cell)</td>"
      }
      return "<tr>\(Markup.all(cells))</tr>"
    }
    return """
      <div class="scroll" tabindex="0" role="region" aria-label="\(label)"><table>
      <thead><tr>\(head)</tr></thead><tbody>\(body)</tbody></table></div>
      """
  }
}
