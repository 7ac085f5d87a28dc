import OCRContract

/// One file's outcome as text, for people or as a line of JSON.
struct OutcomeText {
  var api: String
  var isJSON: Bool
  /// Whether the file's name is printed above its text: with one file it would only be in the way.
  var hasHeadings: Bool

  /// What to print on standard output and on standard error.
  func text(of outcome: RequestOutcome, file: String) -> (output: String, errors: String) {
    isJSON ? (json(of: outcome, file) + "\n", "") : plain(of: outcome, file)
  }

  private func plain(of outcome: RequestOutcome, _ file: String) -> (output: String, errors: String) {
    let heading = hasHeadings ? ["== \(PrintableText.of(file)) (\(PrintableText.of(api)))"] : []
    switch outcome {
    case .result(let body):
      guard let value = Self.parsed(body) else { return ("", "\(file): the answer is not JSON\n") }
      return (Self.joined(heading + ResultText.lines(of: value)), "")
    case .problem(let problem): return ("", Self.prefixed(file, ProblemText.lines(of: problem)))
    case .unreadable(let reason): return ("", Self.prefixed(file, ["cannot be read: \(reason)"]))
    case .timedOut: return ("", Self.prefixed(file, [Self.lateAdvice]))
    case .notAnswered(let reason), .brokerFailed(let reason): return ("", Self.prefixed(file, [reason]))
    }
  }

  private func json(of outcome: RequestOutcome, _ file: String) -> String {
    switch outcome {
    case .result(let body):
      let value = Self.parsed(body) ?? .string(String(decoding: body, as: UTF8.self))
      return ResultLine.success(file: file, api: api, body: value)
    case .problem(let problem):
      return ResultLine.failure(file: file, api: api, problem: Self.parsed(problem.encoded()) ?? .null)
    case .unreadable(let reason): return failure(file, "cannot be read: \(reason)")
    case .timedOut: return failure(file, Self.lateAdvice)
    case .notAnswered(let reason), .brokerFailed(let reason): return failure(file, reason)
    }
  }

  private func failure(_ file: String, _ detail: String) -> String {
    ResultLine.failure(file: file, api: api, problem: .object([.init(name: "detail", value: .string(detail))]))
  }

  private static let lateAdvice =
    "no answer in time: is a relay running on this queue? --timeout-seconds sets how long to wait"

  private static func parsed(_ bytes: [UInt8]) -> JSONValue? {
    try? JSONReader.read(bytes, limit: .max, text: .repair)
  }

  private static func prefixed(_ file: String, _ lines: [String]) -> String {
    joined(["\(PrintableText.of(file)): " + (lines.first ?? "")] + lines.dropFirst())
  }

  private static func joined(_ lines: [String]) -> String { lines.map { $0 + "\n" }.joined() }
}
