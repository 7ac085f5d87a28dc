internal import DeadLetters

/// Asks before something is done with letters, and says what it would be.
struct ConfirmPage {
  let frame: PageFrame
  let kind: Job.Kind
  let choice: LetterChoice
  let statistics: LetterStatistics
  var problem: String?

  private var count: Int { statistics.total.letters }

  var markup: Markup {
    frame.page(
      title, tab: .causes,
      """
      <p class="crumbs"><a href="/letters?\(choice.query)">\(frame.say("Letters", "死信列表"))</a></p>
      <h1>\(title)</h1>
      \(problem.map { frame.notice(.warning, "<p>\($0)</p>") } ?? .none)
      \(count == 0 ? nothing : content)
      """)
  }

  private var title: String {
    switch kind {
    case .replay: frame.say("Replay letters", "重放死信")
    case .park: frame.say("Put letters aside", "搁置死信")
    case .purge: frame.say("Delete letters", "删除死信")
    }
  }

  private var nothing: Markup {
    "<section class=\"calm\"><p>\(frame.say("There are no such letters.", "没有这样的死信。"))</p></section>"
  }

  private var content: Markup {
    """
    <section>
    <p class="outcome">\(frame.amounts.letters(count)), \(frame.amounts.size(statistics.total.bytes))</p>
    <dl class="facts">\(facts)</dl>
    \(warnings)
    <p>\(explanation)</p>
    \(frame.form("/" + kind.rawValue, values, fields))
    </section>
    """
  }

  private var facts: [Markup] {
    [(frame.say("By code", "按错误码"), statistics.codes), (frame.say("By API", "按接口"), statistics.apis)].map {
      name, groups in
      let parts = LetterStatistics.ranked(groups).prefix(6).map { name, group -> Markup in
        "\(frame.amounts.number(group.letters)) <code>\(name)</code>"
      }
      return "<dt>\(name)</dt><dd>\(Markup.joined(Array(parts), by: ", "))</dd>"
    }
  }

  private var warnings: Markup {
    guard kind == .replay else { return .none }
    var texts: [String] = []
    if statistics.replayed > 0 {
      texts.append(
        frame.say("Replayed before: \(statistics.replayed).", "其中 \(statistics.replayed) 封曾经重放过。"))
    }
    if statistics.repliesToConnections > 0 {
      texts.append(
        frame.say(
          "Answers to a connection that has probably ended: \(statistics.repliesToConnections).",
          "其中 \(statistics.repliesToConnections) 封的应答目标连接可能已断开。"))
    }
    if statistics.late > 0 {
      texts.append(
        frame.say(
          "With a deadline that is over, which is taken out: \(statistics.late).",
          "其中 \(statistics.late) 封已过截止时间，截止时间将被去除。"
        ))
    }
    guard !texts.isEmpty else { return .none }
    return frame.notice(.warning, .all(texts.map { "<p>\($0)</p>" }))
  }

  private var explanation: String {
    switch kind {
    case .replay:
      frame.say(
        "They go back to where they came from, with all their attempts before them. A few go first, the canaries; the "
          + "others follow only when those were recognised. What has failed again is not sent again.",
        "死信将返回原队列，并重新拥有全部尝试次数。先发送少量“探路”死信，识别成功后才发送其余的。再次失败的不会再发送。")
    case .park:
      frame.say(
        "They are moved to the queue ocr.parked, where they stay until somebody replays or deletes them.",
        "死信将移至队列 ocr.parked，直到有人重放或删除。")
    case .purge:
      frame.say(
        "They are deleted for good, pictures included. Nobody can bring them back.", "死信及其图片将被永久删除，无法恢复。")
    }
  }

  private var values: [(name: String, value: String)] {
    choice.values + (choice.isEverything ? [(name: "all", value: "yes")] : [])
      + (kind == .park ? [(name: "count", value: String(count))] : [])
  }

  private var fields: Markup {
    switch kind {
    case .replay:
      "\(frame.replayFields())<div class=\"actions\"><button class=\"primary\">\(replayLabel)</button>\(back)</div>"
    case .park:
      """
      <div class="actions"><button class="primary">\
      \(frame.say("Put \(frame.amounts.letters(count)) aside", "搁置 \(frame.amounts.letters(count))"))</button>\(back)</div>
      """
    case .purge:
      """
      <label for="count">\(frame.say("To confirm, type how many letters are deleted: \(count)", "请输入将删除的数量以确认：\(count)"))</label>
      <input id="count" name="count" inputmode="numeric" pattern="[0-9]+" required autocomplete="off">
      <div class="actions"><button class="danger">\(frame.say("Delete for good", "永久删除"))</button>\(back)</div>
      """
    }
  }

  private var replayLabel: String {
    frame.say("Replay \(frame.amounts.letters(count))", "重放 \(frame.amounts.letters(count))")
  }

  private var back: Markup {
    "<a class=\"button\" href=\"/letters?\(choice.query)\">\(frame.say("Cancel", "取消"))</a>"
  }
}

extension PageFrame {
  /// The fields that say how carefully a replay goes.
  func replayFields() -> Markup {
    let usual = ReplayForm()
    let fields = [
      (
        "canaries", usual.canaries, 0, 1_000, say("Canaries", "探路数量"),
        say("Go first; 0 sends all at once.", "先发送；0 表示全部直接发送。")
      ),
      ("rate", usual.rate, 1, 1_000, say("Letters per second", "每秒数量"), say("At most.", "上限。")),
      (
        "stop_after", usual.stopAfterFailures, 0, 100_000, say("Stop after failures", "失败几次后停止"),
        say("0 never stops.", "0 表示不停止。")
      ),
    ].map { name, value, least, most, label, hint -> Markup in
      """
      <div><label for="\(name)">\(label)</label>\
      <input id="\(name)" name="\(name)" type="number" min="\(least)" max="\(most)" value="\(value)" required \
      aria-describedby="\(name)-hint"><p class="hint" id="\(name)-hint">\(hint)</p></div>
      """
    }
    return "<div class=\"fields\">\(fields)</div>"
  }
}
