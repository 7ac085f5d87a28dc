internal import DeadLetters
internal import OCRContract

/// The newest letters of a choice, one line each.
struct LettersPage {
  let frame: PageFrame
  let view: LetterOffice.View
  let choice: LetterChoice

  /// Lines of the page.
  private static let most = 300

  var markup: Markup {
    let title = frame.say("Letters", "死信列表")
    return frame.page(
      title, tab: .causes,
      """
      <p class="crumbs"><a href="/causes\(choice.isParked ? "?place=parked" : "")">\(frame.say("Dead letters", "死信"))</a></p>
      <h1>\(title)</h1>
      \(view.problem.map(frame.notice) ?? .none)
      <p>\(described)</p>
      \(content)
      """)
  }

  private var described: Markup {
    let parts = choice.values.dropFirst().map { name, value -> Markup in "<code>\(name)=\(value)</code>" }
    return parts.isEmpty ? "\(frame.say("All letters.", "全部死信。"))" : Markup.joined(parts, by: " ")
  }

  private var content: Markup {
    guard let census = view.census else { return .none }
    let now = frame.now
    let filter = choice.filter
    let found = census.groups.values.flatMap(\.recent).filter { filter.accepts($0, now: now) }
      .sorted { ($0.lastFailedAt ?? 0, $0.name) > ($1.lastFailedAt ?? 0, $1.name) }
    guard !found.isEmpty else {
      return """
        <section class="calm"><h2>\(frame.say("No letters", "没有死信"))</h2>\
        <p>\(frame.say("Nothing matches.", "没有匹配项。"))</p></section>
        """
    }
    let rows = found.prefix(Self.most).map(row)
    let heads = [
      frame.say("Failed", "失败时间"), frame.say("Id", "标识"), frame.say("Code", "错误码"), frame.say("API", "接口"),
      frame.say("Publisher", "发布者"), frame.say("Size", "大小"), frame.say("Replayed", "重放次数"),
    ]
    let table = frame.table(
      frame.say("Letters", "死信列表"), heads: heads.enumerated().map { (text: $1, isNumber: $0 > 4) }, rows: rows)
    return "<section>\(table)\(hint)</section>\(actions)"
  }

  private func row(_ letter: LetterRecord) -> [Markup] {
    let name = letter.name.count > 40 ? letter.name.prefix(40) + "…" : letter.name
    let place = choice.isParked ? "parked" : "dead"
    let link: Markup =
      letter.fingerprint.map { "<a href=\"/letters/\($0.text)?place=\(place)\">\(name)</a>" } ?? "\(name)"
    return [
      frame.amounts.ago(letter.lastFailedAt), link, "<code>\(letter.code)</code>", "\(letter.api ?? "–")",
      "\(letter.user ?? "–")", "\(frame.amounts.size(letter.bytes))", "\(letter.replayCount)",
    ]
  }

  private var hint: Markup {
    let text = frame.say(
      "The newest \(Census.recentLimit) of each code at least; `ocr-relay dead list` shows all.",
      "每个错误码至少列出最新的 \(Census.recentLimit) 封；`ocr-relay dead list` 可列出全部。")
    return "<p class=\"hint\">\(text)</p>"
  }

  private var actions: Markup {
    frame.mayOperate ? "<div class=\"actions\">\(frame.actionLinks(choice))</div>" : .none
  }
}
