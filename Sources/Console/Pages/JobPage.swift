internal import DeadLetters
internal import OCRContract

/// One job: how far it has come, and how it ended.
struct JobPage {
  let frame: PageFrame
  let job: Job

  var markup: Markup {
    frame.page(
      JobText.title(job.kind, frame), tab: .jobs, isLive: job.state == .running,
      """
      <p class="crumbs"><a href="/jobs">\(frame.say("Jobs", "任务"))</a></p>
      <h1>\(JobText.title(job.kind, frame))</h1>
      <section id="job" class="live">
      \(JobText.badge(job, frame))
      <dl class="facts">
      <dt>\(frame.say("Letters", "死信"))</dt><dd>\(job.what)</dd>
      <dt>\(frame.say("By", "操作者"))</dt><dd>\(job.by)</dd>
      <dt>\(frame.say("Begun", "开始"))</dt><dd>\(frame.amounts.ago(job.startedAt))</dd>
      \(job.endedAt.map { "<dt>\(frame.say("Ended", "结束"))</dt><dd>\(frame.amounts.ago($0))</dd>" as Markup } ?? .none)
      </dl>
      \(job.kind == .replay ? replay : moved)
      \(failure)
      </section>
      """)
  }

  private var failure: Markup {
    guard case .failed(let reason) = job.state else { return .none }
    return frame.notice(.bad, "<p>\(frame.say("It could not go on: ", "无法继续："))\(reason)</p>")
  }

  private var moved: Markup {
    let count = frame.amounts.letters(job.count)
    let text =
      job.kind == .park
      ? frame.say("\(count) put aside", "已搁置 \(count)") : frame.say("\(count) deleted", "已删除 \(count)")
    return job.state == .running && job.kind == .purge ? .none : "<p class=\"outcome\">\(text)</p>"
  }

  private var replay: Markup {
    let result = job.result
    let done = result.sentBefore + result.sent
    let label = frame.say("Sent", "已发送")
    return """
      <p class="outcome">\(frame.say("\(frame.amounts.number(done)) of \(frame.amounts.letters(result.planned)) sent, \(frame.amounts.number(result.recognised)) recognised", "共 \(frame.amounts.letters(result.planned))，已发送 \(frame.amounts.number(done))，识别成功 \(frame.amounts.number(result.recognised))"))</p>
      <progress max="\(max(1, result.planned))" value="\(min(done, max(1, result.planned)))" aria-label="\(label)"></progress>
      <dl class="facts">\(rows(result))</dl>
      \(stop(result))
      \(controls(result))
      """
  }

  private func rows(_ result: ReplayResult) -> [Markup] {
    let amounts = frame.amounts
    var rows: [Markup] = []
    func add(_ name: String, _ value: Markup) { rows.append("<dt>\(name)</dt><dd>\(value)</dd>") }
    if result.sentBefore > 0 { add(frame.say("Sent before", "此前已发送"), "\(amounts.number(result.sentBefore))") }
    for (code, count) in result.failedAgain.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
      let advice = ErrorCode(rawValue: code)?.advice(frame.language) ?? ""
      add(frame.say("Failed again", "再次失败"), "\(amounts.number(count)) <code>\(code)</code> \(advice)")
    }
    for (reason, count) in result.notMoved.sorted(by: { $0.key < $1.key }) {
      add(frame.say("Not sent", "未能发送"), "\(amounts.number(count)): \(reason)")
    }
    if result.silent > 0 {
      add(
        frame.say("Without news", "没有消息"),
        """
        \(amounts.number(result.silent)): \(frame.say(
          "still in work or waiting for their next try, or relays may not answer to amq.gen-* (setting replies.allow)",
          "仍在处理或等待重试，或中继不允许应答 amq.gen-*（设置 replies.allow）"))
        """)
    }
    if result.gone > 0 { add(frame.say("No longer there", "已不存在"), "\(amounts.number(result.gone))") }
    return rows
  }

  private func stop(_ result: ReplayResult) -> Markup {
    guard let stop = result.stop else { return .none }
    let reason =
      switch stop {
      case .canaryDied(let code):
        frame.say("A canary failed again with \(code): the cause is not mended.", "探路死信再次失败（\(code)）：原因尚未消除。")
      case .canarySilent: frame.say("There was no news of the canary in time.", "未及时得到探路死信的消息。")
      case .failures: frame.say("Too many failed again.", "再次失败的过多。")
      case .operatorStopped: frame.say("Somebody has stopped it.", "已被人工停止。")
      }
    let rest = frame.amounts.letters(result.remaining)
    return frame.notice(
      .warning,
      "<p><b>\(frame.say("Stopped.", "已停止。"))</b> \(reason) \(frame.say("\(rest) were not sent.", "还有 \(rest) 未发送。"))</p>"
    )
  }

  private func controls(_ result: ReplayResult) -> Markup {
    guard frame.mayOperate else { return .none }
    if job.state == .running {
      return frame.form(
        "/jobs/\(job.id)/stop", [], "<div class=\"actions\"><button>\(frame.say("Stop", "停止"))</button></div>")
    }
    guard result.remaining > 0 else { return .none }
    return JobText.resumeForm(job.id, frame)
  }
}

/// Words about jobs.
enum JobText {
  static func title(_ kind: Job.Kind, _ frame: PageFrame) -> String {
    switch kind {
    case .replay: frame.say("Replay", "重放")
    case .park: frame.say("Putting aside", "搁置")
    case .purge: frame.say("Deletion", "删除")
    }
  }

  static func badge(_ job: Job, _ frame: PageFrame) -> Markup {
    switch job.state {
    case .running: "<span class=\"badge info\">\(frame.say("running", "进行中"))</span>"
    case .failed: "<span class=\"badge bad\">\(frame.say("failed", "失败"))</span>"
    case .ended where job.result.stop != nil || job.result.failures > 0:
      "<span class=\"badge warning\">\(frame.say("ended early or with failures", "提前结束或有失败"))</span>"
    case .ended: "<span class=\"badge good\">\(frame.say("done", "完成"))</span>"
    }
  }

  static func resumeForm(_ id: String, _ frame: PageFrame) -> Markup {
    frame.form(
      "/jobs/\(id)/resume", [],
      """
      \(frame.replayFields())<div class="actions"><button class="primary">\
      \(frame.say("Go on with the rest", "继续发送其余的"))</button></div>
      """)
  }
}
