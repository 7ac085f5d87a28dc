internal import DeadLetters
internal import OCRContract

/// One letter: its picture beside what went wrong.
struct LetterPage {
  let frame: PageFrame
  let record: LetterRecord
  let exhibit: Result<Exhibit, LetterOffice.Problem>
  let id: String
  let isParked: Bool

  private var place: String { isParked ? "parked" : "dead" }

  var markup: Markup {
    let title = ErrorClass(rawValue: record.cause)?.title(frame.language) ?? record.cause
    let group = LetterChoice.group(code: record.code, cause: record.cause, isParked: isParked)
    return frame.page(
      title, tab: .causes,
      """
      <p class="crumbs"><a href="/causes\(isParked ? "?place=parked" : "")">\(frame.say("Dead letters", "死信"))</a> › \
      <a href="/letters?\(group.query)">\(record.code)</a></p>
      <h1>\(title)</h1>
      <div class="beside">
      <section class="exhibit" aria-label="\(frame.say("Picture", "图片"))">\(picture)</section>
      <div>
      <section><h2><code>\(record.code)</code></h2>
      \(record.knownCode.map(advice) ?? .none)
      \(record.message.map { "<blockquote>\($0)</blockquote>" as Markup } ?? .none)
      \(backend)
      \(frame.mayOperate ? "<div class=\"actions\">\(frame.actionLinks(.one(id, isParked: isParked)))</div>" : .none)
      </section>
      <section><h2>\(frame.say("The request", "请求"))</h2>\(facts)</section>
      \(history)
      </div>
      </div>
      """)
  }

  private func advice(_ code: ErrorCode) -> Markup {
    "<div class=\"advice\"><b>\(frame.say("What to do", "处理建议"))</b>\(code.advice(frame.language))</div>"
  }

  private var picture: Markup {
    switch exhibit {
    case .failure(let problem): return frame.notice(problem)
    case .success(.picture(let kind, let bytes)):
      let label = frame.say("The picture of this request", "该请求的图片")
      return """
        <img src="/letters/\(id)/picture?place=\(place)" alt="\(label)">
        <p class="hint">\(kind.rawValue), \(frame.amounts.size(bytes.count)) · \
        <a href="/letters/\(id)/file?place=\(place)" download>\(frame.say("Save", "保存"))</a></p>
        """
    case .success(.file(let kind, let bytes)):
      let text = frame.say(
        "A file that browsers do not show: \(kind ?? "of no known kind"), \(frame.amounts.size(bytes)).",
        "浏览器无法显示的文件：\(kind ?? "未知类型")，\(frame.amounts.size(bytes))。")
      return """
        <div class="calm"><p>\(text)</p><p><a class="button" href="/letters/\(id)/file?place=\(place)" download>\
        \(frame.say("Save it", "保存文件"))</a></p></div>
        """
    case .success(.address(let host)):
      let text = frame.say("The picture is at an address on ", "图片位于主机 ")
      return "<div class=\"calm\"><p>\(text)<code>\(host)</code></p></div>"
    case .success(.none(let reason)):
      return """
        <div class="calm"><p>\(frame.say("No picture.", "没有图片。")) \(reason)</p>\
        <p><a class="button" href="/letters/\(id)/file?place=\(place)" download>\(frame.say("Save the body", "保存消息体"))</a></p></div>
        """
    }
  }

  private var backend: Markup {
    guard let name = record.backend else { return .none }
    let code: Markup = record.backendCode.map { ", <code>\($0)</code>" } ?? .none
    return "<p>\(frame.say("Said by", "来自")) \(name)\(code)</p>"
  }

  private var facts: Markup {
    let amounts = frame.amounts
    let origin =
      record.origin.exchange.isEmpty ? record.origin.queue : "\(record.origin.exchange) / \(record.origin.routingKey)"
    let rows: [(String, Markup?)] = [
      (frame.say("API", "接口"), record.api.map { "\($0)" }),
      (frame.say("Publisher", "发布者"), record.user.map { "\($0)" }),
      (frame.say("Message id", "消息 id"), record.messageID.map { "<code>\($0)</code>" }),
      (frame.say("Correlation id", "关联 id"), record.correlationID.map { "<code>\($0)</code>" }),
      (frame.say("Fingerprint", "指纹"), "<code>\(id.prefix(12).description)</code>"),
      (frame.say("First failed", "首次失败"), amounts.clock(record.firstFailedAt)),
      (frame.say("Last failed", "最近失败"), amounts.clock(record.lastFailedAt)),
      (frame.say("Calls made", "调用次数"), "\(record.attempts)"),
      (frame.say("Came to", "来源"), "<code>\(origin)</code>"),
      (frame.say("Answers to", "应答目标"), record.replyTo.map { "<code>\($0)</code>" }),
      (frame.say("Deadline", "截止时间"), record.deadline.map { amounts.clock($0) }),
      (frame.say("Body", "消息体"), "\(record.contentType ?? "–"), \(amounts.size(record.bytes))"),
      (frame.say("Trace", "跟踪"), record.traceparent.map { "<code>\($0)</code>" }),
      (
        frame.say("Other headers", "其他消息头"),
        record.otherHeaders.isEmpty ? nil : "\(record.otherHeaders.prefix(20).joined(separator: ", "))"
      ),
      (frame.say("Kept in", "所在队列"), "<code>\(record.queue)</code>"),
    ]
    let items = rows.compactMap { name, value in value.map { "<dt>\(name)</dt><dd>\($0)</dd>" as Markup } }
    return "<dl class=\"facts\">\(items)</dl>"
  }

  private var history: Markup {
    guard record.replayCount > 0 else { return .none }
    let entries = (record.history ?? "").split(separator: " ").prefix(20).map { entry -> Markup in
      let parts = entry.split(separator: "@")
      let time = parts.count == 2 ? Int64(parts[1]) : nil
      return "<li><code>\(String(parts.first ?? ""))</code> \(frame.amounts.ago(time))</li>"
    }
    let text = frame.say(
      "Replayed \(record.replayCount) times. Earlier failures:", "已重放 \(record.replayCount) 次。此前的失败：")
    return "<section><h2>\(frame.say("History", "历史"))</h2><p>\(text)</p><ol>\(Array(entries))</ol></section>"
  }
}
