internal import DeadLetters
internal import OCRContract

/// Dead letters in groups by code, the largest first: what is wrong, what to do, and what it looks like.
struct CausesPage {
  let frame: PageFrame
  let view: LetterOffice.View
  let isParked: Bool
  let parkedCount: Int
  let countsLooks: Bool

  var markup: Markup {
    let title = isParked ? frame.say("Letters put aside", "已搁置的死信") : frame.say("Dead letters", "死信")
    return frame.page(
      title, tab: .causes,
      """
      <div class="head"><h1>\(title)</h1>\(places)</div>
      \(view.problem.map(frame.notice) ?? .none)
      \(view.census.map(looks) ?? .none)
      \(view.census.map(content) ?? .none)
      """)
  }

  private var places: Markup {
    let links = [(false, frame.say("Dead", "死信")), (true, frame.say("Put aside", "已搁置"))].map {
      parked, label -> Markup in
      let current: Markup = parked == isParked ? " aria-current=\"true\"" : .none
      let count: Markup = parked && parkedCount > 0 ? " <b>\(frame.amounts.number(parkedCount))</b>" : .none
      return "<a href=\"/causes\(parked ? "?place=parked" : "")\"\(current)>\(label)\(count)</a>"
    }
    return "<div class=\"switch\">\(links)</div>"
  }

  /// A broker that counts deliveries drops letters in the end.
  private func looks(_ census: Census) -> Markup {
    let count = census.statistics.highestDeliveryCount
    guard countsLooks, count >= LetterOffice.mostLooksUnasked else { return .none }
    let text = frame.say(
      "Some letters were looked at \(count) times. RabbitMQ 4 drops a letter after 20; set a policy with "
        + "delivery-limit: -1 for ^ocr\\.dead\\. and ^ocr\\.parked$. Until then this page looks only when you ask it to.",
      "部分死信已被查看 \(count) 次。RabbitMQ 4 在 20 次后会丢弃死信；请为 ^ocr\\.dead\\. 和 ^ocr\\.parked$ 设置 "
        + "delivery-limit: -1 的策略。在此之前，本页面仅在您要求时查看队列。")
    return frame.notice(.warning, "<p>\(text)</p>")
  }

  private func content(_ census: Census) -> Markup {
    let total = census.statistics.total.letters
    let taken: Markup = """
      <div class="head"><p class="hint">\(frame.say("Looked through", "查看于")) \(frame.amounts.ago(census.takenAt)).</p>\
      \(frame.form("/look", [("place", isParked ? "parked" : "dead")], lookButton))</div>
      """
    guard total > 0 else {
      let text =
        isParked
        ? frame.say("Nothing was put aside.", "没有搁置任何死信。")
        : frame.say("No request has failed for good. Nothing is left to do here.", "没有最终失败的请求，这里无需处理。")
      return "<section class=\"calm\"><h2>\(frame.say("No letters", "没有死信"))</h2><p>\(text)</p></section>\(taken)"
    }
    let groups = census.ranked.map { group($0.code, $0.group, of: total) }
    return "<p>\(summary(census))</p>\(groups)\(everything)\(taken)"
  }

  private var lookButton: Markup { "<button class=\"quiet\">\(frame.say("Look again", "重新查看"))</button>" }

  private func summary(_ census: Census) -> Markup {
    let statistics = census.statistics
    let count = frame.amounts.letters(statistics.total.letters)
    let kinds = census.groups.count
    let text = frame.say(
      "\(count) of \(kinds == 1 ? "one kind" : "\(kinds) kinds"), \(frame.amounts.size(statistics.total.bytes)); the oldest",
      "\(count)，共 \(kinds) 类，\(frame.amounts.size(statistics.total.bytes))；最早的一封：")
    return "\(text) \(frame.amounts.ago(statistics.total.oldest))."
  }

  private func group(_ code: String, _ group: Census.Group, of total: Int) -> Markup {
    let choice = LetterChoice.group(code: code, cause: group.cause, isParked: isParked)
    let known = ErrorCode(rawValue: code)
    let title = ErrorClass(rawValue: group.cause)?.title(frame.language) ?? group.cause
    let share = Int((Double(group.letters) * 100 / Double(max(1, total))).rounded())
    return """
      <section class="group" aria-label="\(code)">
      <div class="top"><span class="count">\(frame.amounts.number(group.letters))</span>
      <div class="title"><h2>\(title)</h2><code>\(code)</code> <small>\(share) %</small></div>
      <span class="hint">\(frame.say("last", "最近")) \(frame.amounts.ago(group.newest)), \
      \(frame.say("first", "最早")) \(frame.amounts.ago(group.oldest))</span></div>
      \(known.map { advice($0) } ?? .none)
      \(group.message.map { "<blockquote>\($0)</blockquote>" as Markup } ?? .none)
      <dl class="facts"><dt>\(frame.say("APIs", "接口"))</dt><dd>\(names(group.apis))</dd>\
      <dt>\(frame.say("Publishers", "发布者"))</dt><dd>\(names(group.users))</dd></dl>
      \(samples(group))
      <div class="actions"><a class="button" href="/letters?\(choice.query)">\(frame.say("List letters", "列出死信"))</a>\
      \(frame.mayOperate ? actions(choice) : .none)</div>
      </section>
      """
  }

  private func advice(_ code: ErrorCode) -> Markup {
    "<div class=\"advice\"><b>\(frame.say("What to do", "处理建议"))</b>\(code.advice(frame.language))</div>"
  }

  private func names(_ counts: [String: Int]) -> Markup {
    let ranked = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let shown = ranked.prefix(5).map { name, count -> Markup in
      let label = name == LetterStatistics.none ? frame.say("(not named)", "（未注明）") : name
      return "\(label) <small>\(frame.amounts.number(count))</small>"
    }
    let rest = ranked.count - shown.count
    let more: Markup = rest > 0 ? ", +\(rest)" : .none
    return "\(Markup.joined(shown, by: ", "))\(more)"
  }

  private func samples(_ group: Census.Group) -> Markup {
    guard !group.samples.isEmpty else { return .none }
    let place = isParked ? "parked" : "dead"
    let pictures = group.samples.reversed().enumerated().map { number, id -> Markup in
      let label = frame.say("Sample picture \(number + 1)", "示例图片 \(number + 1)")
      return """
        <li><a href="/letters/\(id)?place=\(place)"><img src="/letters/\(id)/picture?place=\(place)" alt="\(label)" \
        width="180" height="120" loading="lazy"></a></li>
        """
    }
    return "<ul class=\"samples\" aria-label=\"\(frame.say("Sample pictures", "示例图片"))\">\(pictures)</ul>"
  }

  private func actions(_ choice: LetterChoice) -> Markup { frame.actionLinks(choice) }

  private var everything: Markup {
    guard frame.mayOperate else { return .none }
    var all = LetterChoice()
    all.isParked = isParked
    return """
      <section><h2>\(frame.say("All of them", "全部死信"))</h2><div class="actions">\(frame.actionLinks(all))</div></section>
      """
  }
}

extension PageFrame {
  /// Links to the pages on which actions are confirmed.
  func actionLinks(_ choice: LetterChoice) -> Markup {
    let park: Markup =
      choice.isParked ? .none : "<a class=\"button\" href=\"/park?\(choice.query)\">\(say("Put aside…", "搁置…"))</a>"
    return """
      <a class="button primary" href="/replay?\(choice.query)">\(say("Replay…", "重放…"))</a>\(park)\
      <a class="button danger" href="/purge?\(choice.query)">\(say("Delete…", "删除…"))</a>
      """
  }
}
