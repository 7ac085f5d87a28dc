import OCRContract

/// What became of one file.
enum RequestOutcome: Sendable {
  /// The OCR service's answer.
  case result([UInt8])
  /// An error reply.
  case problem(Problem)
  /// The file could not be read; nothing was sent.
  case unreadable(String)
  /// The request could not be sent, or its answer not be read.
  case notAnswered(String)
  /// No answer came in time.
  case timedOut
  /// The broker could not be reached or refused the request.
  case brokerFailed(String)

  /// The exit code if this were the only file.
  var status: ExitReason {
    switch self {
    case .result: .success
    case .problem, .unreadable, .notAnswered: .requestFailed
    case .timedOut: .timeout
    case .brokerFailed: .brokerUnreachable
    }
  }
}
