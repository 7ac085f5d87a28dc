/// What the console answers.
struct ConsoleResponse: Sendable {
  /// The HTTP status.
  var status: Int
  /// The MIME type of the body.
  var contentType = "text/html; charset=utf-8"
  /// The body.
  var body: [UInt8] = []
  /// Further headers.
  var headers: [(name: String, value: String)] = []

  /// A page.
  static func page(_ markup: Markup, status: Int = 200) -> ConsoleResponse {
    ConsoleResponse(status: status, body: Array(markup.text.utf8))
  }

  /// Plain text.
  static func text(_ text: String, status: Int) -> ConsoleResponse {
    ConsoleResponse(status: status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
  }

  /// Sends the browser to a page of ours with GET.
  static func seeOther(_ path: String) -> ConsoleResponse {
    precondition(path.hasPrefix("/") && !path.hasPrefix("//"), "ConsoleResponse.seeOther: \(path)")
    return ConsoleResponse(status: 303, headers: [("Location", path)])
  }

  /// The same with one more header.
  func with(_ name: String, _ value: String) -> ConsoleResponse {
    var response = self
    response.headers.append((name, value))
    return response
  }

  /// What every answer says to a browser: nothing from elsewhere, nothing inline, no frames, no guessing of types.
  static let protection: [(name: String, value: String)] = [
    (
      "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    // Not no-referrer: with that browsers hide the origin of forms too, which is checked.
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
  ]
}
