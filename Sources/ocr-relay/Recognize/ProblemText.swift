import OCRContract

/// An error reply as a person wants to read it.
enum ProblemText {
  /// What happened, what to do, and what helps to find the call again.
  static func lines(of problem: Problem) -> [String] {
    var lines = ["\(problem.code): \(problem.title)"]
    lines += indented(problem.detail)
    if let advice = problem.knownCode?.advice, advice != problem.detail { lines += indented(advice) }
    if let backend = problem.backend { lines += indented(said(by: backend)) }
    if problem.retryable {
      let after = problem.retryAfter.map { ", not before \(wholeSeconds($0)) s have passed" } ?? ""
      lines += indented("Sending it again may help\(after).")
    }
    if let queue = problem.deadLetter { lines += indented("The request is kept in the queue \(queue).") }
    return lines
  }

  private static func said(by backend: Problem.Backend) -> String {
    var text = "The OCR service \(backend.name) said"
    if let status = backend.httpStatus { text += " HTTP \(status)" }
    if let code = backend.code { text += " \(code)" }
    if let message = backend.message { text += ": \(message)" }
    if let id = backend.requestID { text += " (request id \(id))" }
    return text
  }

  private static func wholeSeconds(_ duration: Duration) -> Int64 {
    let (seconds, attoseconds) = duration.components
    return attoseconds > 0 ? seconds &+ 1 : seconds
  }

  private static func indented(_ text: String) -> [String] { PrintableText.lines(of: text).map { "  " + $0 } }
}
