/// How the program ends; scripts rely on these numbers.
enum ExitReason: Int32, CaseIterable {
  case success = 0
  case requestFailed = 1
  case usage = 2
  case brokerUnreachable = 3
  case timeout = 4
  case configuration = 5
  case checkFailed = 6
  case serviceUnreachable = 7
  case busy = 8
  case internalFailure = 70

  /// For the help text and the README.
  var meaning: String {
    switch self {
    case .success: "everything was done"
    case .requestFailed:
      "a request was answered with an error, a file cannot be read or written, "
        + "or a dead letter was not found, not moved, or failed again"
    case .usage: "the command line is wrong"
    case .brokerUnreachable: "the broker cannot be reached, refuses the login, or lacks the queue"
    case .timeout: "a request was not answered, or a replayed one not reported on, in time"
    case .configuration: "the configuration is wrong"
    case .checkFailed: "a check found something wrong"
    case .serviceUnreachable: "the OCR service, or the service that logs in, does not answer"
    case .busy: "another operator works on the dead letters, or a program consumes from their queues"
    case .internalFailure: "the program failed; please report it"
    }
  }

  /// All of them, one a line.
  static var table: String {
    allCases.map { "  \($0.rawValue)\($0.rawValue < 10 ? " " : "")  \($0.meaning)" }.joined(separator: "\n")
  }
}
