/// Who did what, the latest first.
struct AuditPage {
  let frame: PageFrame
  let entries: [AuditEntry]

  var markup: Markup {
    let title = frame.say("Audit log", "审计日志")
    return frame.page(title, tab: .audit, "<h1>\(title)</h1><section>\(table)</section>")
  }

  private var table: Markup {
    guard !entries.isEmpty else { return "<p class=\"empty\">\(frame.say("Nothing was done yet.", "还没有任何操作。"))</p>" }
    let heads = [
      frame.say("When", "时间"), frame.say("Who", "操作者"), frame.say("Action", "操作"), frame.say("Letters", "死信"),
      frame.say("Outcome", "结果"), frame.say("From", "来自"), frame.say("Number", "数量"),
    ]
    let rows = entries.map { entry -> [Markup] in
      [
        frame.amounts.clock(entry.at), "\(entry.who) <small>\(entry.role)</small>", "\(entry.action)", "\(entry.what)",
        "\(entry.outcome)", "\(entry.address)", "\(entry.letters.map(frame.amounts.number) ?? "")",
      ]
    }
    let hint = frame.say(
      "The last \(AuditLog.shown); the file audit.jsonl in the console's folder has all.",
      "最近 \(AuditLog.shown) 条；控制台目录中的 audit.jsonl 文件包含全部。")
    return """
      \(frame.table(frame.say("Audit log", "审计日志"), heads: heads.enumerated().map { (text: $1, isNumber: $0 == 6) }, rows: rows))
      <p class="hint">\(hint)</p>
      """
  }
}
