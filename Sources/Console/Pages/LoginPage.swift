/// Where people come in.
struct LoginPage {
  /// Why the last attempt did not succeed.
  enum Refusal { case wrong, tooMany, foreign }

  let frame: PageFrame
  var refusal: Refusal?

  var markup: Markup {
    frame.page(
      frame.say("Log in", "登录"),
      """
      <div class="login">
      <h1>\(frame.say("Log in", "登录"))</h1>
      \(refusalText.map { frame.notice(.bad, "<p>\($0)</p>") } ?? .none)
      <form method="post" action="/login">
      <label for="name">\(frame.say("Your name", "您的姓名"))</label>
      <input id="name" name="name" type="text" maxlength="64" autocomplete="username" aria-describedby="name-hint">
      <p class="hint" id="name-hint">\(frame.say("For the audit log.", "用于审计日志。"))</p>
      <label for="token">\(frame.say("Token", "令牌"))</label>
      <input id="token" name="token" type="password" required autocomplete="current-password" aria-describedby="token-hint">
      <p class="hint" id="token-hint">\(tokenHint)</p>
      <button class="primary">\(frame.say("Log in", "登录"))</button>
      </form>
      </div>
      """)
  }

  private var tokenHint: String {
    frame.say(
      "The value of console.operate_token or console.read_token; whoever runs this console has it.",
      "即设置 console.operate_token 或 console.read_token 的值；由运行本控制台的人员提供。")
  }

  private var refusalText: String? {
    switch refusal {
    case nil: nil
    case .wrong: frame.say("This token is not right.", "令牌不正确。")
    case .tooMany:
      frame.say("Too many wrong tokens. Try again in five minutes.", "错误的令牌过多，请五分钟后再试。")
    case .foreign:
      frame.say("The form came from another site. Try again here.", "表单来自其他网站，请在此重试。")
    }
  }
}
