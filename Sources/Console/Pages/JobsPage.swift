internal import DeadLetters

/// What was done since the console began, and replays that were not carried out to their end.
struct JobsPage {
  let frame: PageFrame
  let jobs: [Job]
  let unfinished: [LetterOffice.Shelved]

  var markup: Markup {
    let title = frame.say("Jobs", "任务")
    return frame.page(
      title, tab: .jobs, isLive: jobs.contains { $0.state == .running },
      """
      <h1>\(title)</h1>
      <section id="jobs" class="live"><h2>\(frame.say("Since the console began", "控制台启动以来"))</h2>\(table)</section>
      \(rest)
      """)
  }

  private var table: Markup {
    guard !jobs.isEmpty else {
      let text = frame.say(
        "Nothing yet. Replays begin on the page of dead letters.", "还没有任务。重放从“死信”页面开始。")
      return "<p class=\"empty\">\(text)</p>"
    }
    let heads = [
      frame.say("Job", "任务"), frame.say("Letters", "死信"), frame.say("By", "操作者"), frame.say("Begun", "开始"),
      frame.say("State", "状态"), frame.say("Number", "数量"),
    ]
    let rows = jobs.reversed().map { job -> [Markup] in
      let count = job.kind == .replay ? job.result.sentBefore + job.result.sent : job.count
      return [
        "<a href=\"/jobs/\(job.id)\">\(JobText.title(job.kind, frame))</a>", "\(job.what)", "\(job.by)",
        frame.amounts.ago(job.startedAt), JobText.badge(job, frame), "\(frame.amounts.number(count))",
      ]
    }
    return frame.table(
      frame.say("Jobs", "任务"), heads: heads.enumerated().map { (text: $1, isNumber: $0 == 5) }, rows: rows)
  }

  private var rest: Markup {
    let others = unfinished.filter { shelved in !jobs.contains { $0.id == shelved.id } }
    guard !others.isEmpty else { return .none }
    let items = others.map { shelved -> Markup in
      let plan = shelved.plan
      let sent = frame.say(
        "\(frame.amounts.number(plan.published)) of \(frame.amounts.letters(plan.letters)) were sent",
        "共 \(frame.amounts.letters(plan.letters))，已发送 \(frame.amounts.number(plan.published))")
      let what = plan.filter.isEmpty ? frame.say("all", "全部") : plan.filter
      return """
        <section><h2>\(frame.amounts.clock(plan.createdAt))</h2><p>\(what)</p><p>\(sent)</p>\
        \(frame.mayOperate ? JobText.resumeForm(shelved.id, frame) : .none)</section>
        """
    }
    return "<h2>\(frame.say("Replays that were interrupted", "中断的重放"))</h2>\(items)"
  }
}
