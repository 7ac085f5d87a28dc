internal import OCRContract

/// The state of the whole service in one sentence: the worst that is known.
enum ServiceCondition: Equatable {
  /// Only queues are looked at.
  case unknown
  /// No relay answers.
  case silent
  /// Relays hold requests back, for this reason.
  case heldBack(code: String, advice: String?, since: Int64?, isProbing: Bool)
  /// Some relays do not work.
  case impaired(ready: Int, all: Int)
  /// All relays work.
  case well(Int)

  init(_ picture: LiveView.Picture) {
    guard picture.hasRelays, !picture.relays.isEmpty else {
      self = .unknown
      return
    }
    let readings = picture.relays.compactMap { $0.history.silentSince == nil ? $0.history.last : nil }
    let held = readings.filter { $0.gate != "open" }
    if readings.isEmpty {
      self = .silent
    } else if let worst = held.min(by: { $0.gateSince ?? .max < $1.gateSince ?? .max }) {
      self = .heldBack(
        code: worst.gateReason ?? "", advice: worst.gateAdvice, since: worst.gateSince,
        isProbing: held.allSatisfy { $0.gate == "probing" })
    } else {
      let ready = readings.count(where: \.isReady)
      self = ready == picture.relays.count ? .well(ready) : .impaired(ready: ready, all: picture.relays.count)
    }
  }

  func notice(_ frame: PageFrame) -> Markup {
    switch self {
    case .unknown: return .none
    case .silent:
      let text = frame.say("No relay answers. Requests wait in the queue.", "没有中继应答。请求在队列中等待。")
      return frame.notice(.bad, "<p><b>\(text)</b></p>")
    case .heldBack(let code, let advice, let since, let isProbing):
      let text = frame.say("Requests are held back in the queue", "请求被保留在队列中")
      let known = ErrorCode(rawValue: code)
      let shown = known?.advice(frame.language) ?? advice ?? ""
      let probing = isProbing ? frame.say(" One is being tried now.", " 正在试探一个请求。") : ""
      return frame.notice(
        .bad, "<p><b>\(text)</b>: <code>\(code)</code>, \(frame.amounts.ago(since)).\(probing)</p><p>\(shown)</p>")
    case .impaired(let ready, let all):
      let text = frame.say("\(ready) of \(all) relays are working.", "\(all) 个中继中有 \(ready) 个在工作。")
      return frame.notice(.warning, "<p><b>\(text)</b></p>")
    case .well(let count):
      let text = frame.say(
        count == 1 ? "The relay is working." : "All relays are working: \(count) of \(count).", "全部 \(count) 个中继工作正常。")
      return frame.notice(.good, "<p><b>\(text)</b></p>")
    }
  }
}
