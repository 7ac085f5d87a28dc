internal import DeadLetters

extension PageFrame {
  /// Why letters cannot be shown or worked on.
  func notice(_ problem: LetterOffice.Problem) -> Markup {
    notice(problem == .working ? .info : .warning, "<p>\(text(problem))</p>")
  }

  /// The same in words. What the broker says stays as it is.
  func text(_ problem: LetterOffice.Problem) -> String {
    switch problem {
    case .working:
      say(
        "A job of this console is at work; the queues are looked at again when it has ended.",
        "本控制台有任务正在执行；结束后会重新查看队列。")
    case .gone: say("There is no such letter, or no longer.", "没有这封死信，或已不存在。")
    case .desk(.busy):
      say(
        "Somebody else works on the dead letters of this broker at the moment. Try again in a while.",
        "目前有其他人正在处理该代理上的死信，请稍后再试。")
    case .desk(let reason): say("The queues cannot be looked at: ", "无法查看队列：") + reason.description
    }
  }
}
