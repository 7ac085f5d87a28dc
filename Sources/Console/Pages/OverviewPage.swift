internal import OCRContract

/// How the service is, at a glance.
struct OverviewPage {
  let frame: PageFrame
  let picture: LiveView.Picture
  let span: DepthHistory.Span
  let workQueues: [String]

  var markup: Markup {
    frame.page(
      frame.say("Overview", "概览"), tab: .overview, isLive: true,
      """
      <h1>\(frame.say("Overview", "概览"))</h1>
      <div id="state" class="live">\(ServiceCondition(picture).notice(frame))</div>
      <section id="tiles" class="live tiles" aria-label="\(frame.say("Figures", "数据"))">\(tiles)</section>
      <section id="chart" class="live"><div class="head"><h2>\(frame.say("Dead letters by cause", "死信（按原因）"))</h2>\
      \(spans)</div>\(chart)</section>
      <section id="relays" class="live"><h2>\(frame.say("Relays", "中继"))</h2>\(relays)</section>
      <section id="queues" class="live"><h2>\(frame.say("Queues", "队列"))</h2>\(queues)</section>
      """)
  }

  private var depths: [String: Int] { picture.depths.last?.depths ?? [:] }
  private var readings: [RelayReading] {
    picture.relays.compactMap { $0.history.silentSince == nil ? $0.history.last : nil }
  }

  // MARK: Figures

  private var tiles: [Markup] {
    let amounts = frame.amounts
    let waiting = depths.isEmpty ? nil : workQueues.reduce(0) { $0 + (depths[$1] ?? 0) }
    let retrying = RetryLevel.allCases.reduce(0) { $0 + (depths[$1.queue] ?? 0) }
    let dead = picture.depths.last.map { sample in QueueName.dead.reduce(0) { $0 + (sample.depths[$1] ?? 0) } }
    let parked = depths[QueueName.parked] ?? 0
    return [
      tile(
        frame.say("Waiting", "等待中"), waiting.map(amounts.number),
        frame.say("\(amounts.number(retrying)) wait for another try", "\(amounts.number(retrying)) 个等待重试"))
    ] + relayTiles + [
      tile(
        frame.say("Dead letters", "死信"), dead.map(amounts.number),
        parked == 0
          ? frame.say("none put aside", "没有搁置的")
          : frame.say("\(amounts.number(parked)) put aside", "已搁置 \(amounts.number(parked))"),
        link: "/causes", isBad: (dead ?? 0) > 0)
    ]
  }

  private var relayTiles: [Markup] {
    guard picture.hasRelays else { return [] }
    let amounts = frame.amounts
    let speeds = picture.relays.compactMap(\.history.speed)
    let calls = speeds.isEmpty ? nil : speeds.reduce(0) { $0 + $1.calls }
    let throttled = speeds.reduce(0) { $0 + $1.throttled } * 60
    let inWork = readings.reduce(0) { $0 + $1.inWork }
    let oldest = readings.map(\.oldestSeconds).max() ?? 0
    let token = readings.compactMap(\.tokenSecondsLeft).min()
    return [
      tile(
        frame.say("In work", "处理中"), readings.isEmpty ? nil : amounts.number(inWork),
        inWork == 0
          ? frame.say("none at the moment", "目前没有")
          : frame.say("oldest for ", "最久 ") + amounts.span(milliseconds: Int64(min(oldest, 1e9) * 1_000))),
      tile(
        frame.say("Calls per second", "每秒调用"), calls.map(amounts.rate), allowed(readings)),
      tile(
        frame.say("Refused per minute", "每分钟被限流"), speeds.isEmpty ? nil : amounts.rate(throttled),
        pause(readings), isBad: throttled >= 1),
      tile(
        frame.say("Token", "令牌"), token.map { amounts.span(milliseconds: Int64($0) * 1_000) },
        token == nil ? frame.say("none in use", "未使用") : frame.say("until it ends", "后到期")),
    ]
  }

  private func allowed(_ readings: [RelayReading]) -> String {
    let sum = readings.reduce(0) { $0 + $1.callRate }
    guard sum > 0, sum < 100_000 else { return frame.say("no limit known", "未知上限") }
    return frame.say("\(frame.amounts.rate(sum)) allowed", "允许 \(frame.amounts.rate(sum))")
  }

  private func pause(_ readings: [RelayReading]) -> String {
    let longest = readings.map(\.pauseSeconds).max() ?? 0
    guard longest > 0 else { return frame.say("no pause", "没有暂停") }
    let text = frame.amounts.span(milliseconds: Int64(min(longest, 1e9) * 1_000))
    return frame.say("pause for another \(text)", "还将暂停 \(text)")
  }

  private func tile(
    _ label: String, _ value: String?, _ note: String, link: String? = nil, isBad: Bool = false
  ) -> Markup {
    let content: Markup = """
      <span class="label">\(label)</span><span class="value">\(value ?? "–")</span><span class="note">\(note)</span>
      """
    let kind = isBad ? "tile bad" : "tile"
    if let link { return "<a class=\"\(kind)\" href=\"\(link)\">\(content)</a>" }
    return "<div class=\"\(kind)\">\(content)</div>"
  }

  // MARK: Chart

  private var chart: Markup {
    if let failure = picture.depthFailure {
      return frame.notice(.bad, "<p>\(frame.say("The queues cannot be read: ", "无法读取队列：")) \(failure)</p>")
    }
    return DepthChart(picture.depths.samples(span, now: frame.now), span, now: frame.now).markup(frame)
  }

  private var spans: Markup {
    let links = DepthHistory.Span.allCases.map { each -> Markup in
      let label = each == .hour ? frame.say("1 hour", "1 小时") : frame.say("1 day", "1 天")
      let current: Markup = each == span ? " aria-current=\"true\"" : .none
      return "<a href=\"/?span=\(each.rawValue)\"\(current)>\(label)</a>"
    }
    return "<div class=\"switch\">\(links)</div>"
  }

  // MARK: Tables

  private var relays: Markup {
    guard picture.hasRelays else {
      let text = frame.say(
        "No relays are named in the setting console.relays, so only the queues are shown.",
        "设置 console.relays 中没有中继，因此只显示队列。")
      return "<p class=\"empty\">\(text)</p>"
    }
    guard !picture.relays.isEmpty else {
      return "<p class=\"empty\">\(frame.say("Asking the relays…", "正在查询中继…"))</p>"
    }
    let heads = [
      (frame.say("Relay", "中继"), false), (frame.say("State", "状态"), false), (frame.say("In work", "处理中"), true),
      (frame.say("Calls/s", "调用/秒"), true), (frame.say("Answers/s", "应答/秒"), true),
      (frame.say("Waiting for a permit", "等待许可"), true), (frame.say("Token", "令牌"), true),
      (frame.say("Memory", "内存"), true),
    ]
    return frame.table(
      frame.say("Relays", "中继"), heads: heads.map { (text: $0.0, isNumber: $0.1) },
      rows: picture.relays.map { row($0.name, $0.history) })
  }

  private func row(_ name: String, _ history: RelayHistory) -> [Markup] {
    let amounts = frame.amounts
    if let since = history.silentSince {
      let text = frame.say("no answer since ", "无应答，始于 ")
      let dash: Markup = "–"
      return ["\(name)", "<span class=\"badge bad\">\(text)\(amounts.ago(since))</span>"]
        + [Markup](repeating: dash, count: 6)
    }
    guard let reading = history.last else { return [] }
    let token = reading.tokenSecondsLeft.map { amounts.span(milliseconds: Int64($0) * 1_000) } ?? "–"
    return [
      "\(name)", state(reading),
      "\(amounts.number(reading.inWork))<small> / \(amounts.number(reading.inWorkLimit))</small>",
      "\(history.speed.map { amounts.rate($0.calls) } ?? "–")",
      "\(history.speed.map { amounts.rate($0.answers) } ?? "–")", "\(amounts.number(reading.waitingForPermit))",
      "\(token)", "\(amounts.size(reading.residentBytes))",
    ]
  }

  private func state(_ reading: RelayReading) -> Markup {
    if reading.isReady { return "<span class=\"badge good\">\(frame.say("ready", "就绪"))</span>" }
    switch reading.gate {
    case "closed": return "<span class=\"badge bad\">\(frame.say("holding back", "暂停取件"))</span>"
    case "probing": return "<span class=\"badge warning\">\(frame.say("trying one", "正在试探"))</span>"
    default:
      let parts = [("broker", reading.broker), ("credential", reading.credential), ("backend", reading.backend)]
      let wrong = parts.filter { $0.1 != "ok" }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
      let text = wrong.isEmpty ? frame.say("not ready", "未就绪") : wrong
      return "<span class=\"badge warning\">\(text)</span>"
    }
  }

  private var queues: Markup {
    guard picture.depths.last != nil else { return "<p class=\"empty\">\(frame.say("Not read yet.", "尚未读取。"))</p>" }
    let names =
      workQueues
      + (RetryLevel.allCases.map(\.queue) + QueueName.dead + [QueueName.parked, QueueName.unroutable])
      .filter { depths[$0, default: 0] > 0 }
    let rows = names.map { name -> [Markup] in
      ["<code>\(name)</code>", "\(meaning(name))", "\(depths[name].map(frame.amounts.number) ?? "–")"]
    }
    let heads = [
      (text: frame.say("Queue", "队列"), isNumber: false), (text: frame.say("Holds", "内容"), isNumber: false),
      (text: frame.say("Messages", "消息数"), isNumber: true),
    ]
    let rest = frame.say("All other queues are empty.", "其他队列均为空。")
    return "\(frame.table(frame.say("Queues", "队列"), heads: heads, rows: rows))<p class=\"hint\">\(rest)</p>"
  }

  private func meaning(_ queue: String) -> String {
    if workQueues.contains(queue) { return frame.say("requests that wait for a relay", "等待中继处理的请求") }
    if queue == QueueName.parked { return frame.say("letters that were put aside", "被搁置的死信") }
    if queue == QueueName.unroutable { return frame.say("answers that nobody took", "无人接收的应答") }
    if let level = RetryLevel.allCases.first(where: { $0.queue == queue }) {
      let wait = frame.amounts.span(milliseconds: level.delay.components.seconds * 1_000)
      return frame.say("requests that are tried again after \(wait)", "\(wait)后重试的请求")
    }
    let cause = ErrorClass(rawValue: String(queue.dropFirst(QueueName.deadPrefix.count)))
    return cause?.title(frame.language) ?? ""
  }
}
