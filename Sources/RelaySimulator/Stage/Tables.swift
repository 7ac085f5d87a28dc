internal import RelayCore

/// A message in the work queue, in a retry level, or delivered and not settled.
struct Message {
  var request: Int
  /// Whether it came through the relay's own retry exchange.
  var isRetry = false
  /// The attempt header as it stands in the message, forged or not.
  var attempts: Int?
  /// The header that asks for a longer wait, forged or not.
  var notBefore: Int?
  /// The header that tells when the request failed for the first time.
  var firstFailedAt: Int?
  /// How often the broker took it back.
  var returns = 0
  /// What the audit knows of the message's past.
  var past = Past()

  struct Past: Equatable {
    /// Calls that count as attempts.
    var attempts = 0
    /// No call may be made before.
    var notBefore = 0
    /// When it was first put off.
    var firstFailedAt: Int?
  }
}

/// A message on its way to a relay, or in work there.
struct Delivery {
  var message: Int
  var request: Int
  var connection: Int
  var relay: Int
  var incarnation: Int
  var tag: Int
  /// The relay's own record of it, once the relay has it.
  var flow = -1
}

/// A copy that a relay publishes; published again, it is the same copy.
struct Publication {
  var delivery: Int
  var request: Int
  var kind: RequestMachine.Pending
  /// The attempts that it names.
  var attempts: Int
  /// For retries: how long it stays, in milliseconds.
  var stay = 0
  var notBefore: Int?
  var firstFailedAt: Int?
  /// For the audit: the true past of the message that comes of it.
  var past = Message.Past()

  var text: String { "\(name) of request \(request), delivery \(delivery)" }

  private var name: String {
    switch kind {
    case .reply: "answer"
    case .deadLetter: "dead copy"
    case .retry: "retry of \(stay) ms"
    default: "parked answer"
    }
  }
}

/// A call of the OCR service.
struct Call {
  var delivery: Int
  var relay: Int
  var incarnation: Int
  var token: Int
  /// Why it fails, nil for a result.
  var failure: FailureSample?
}

/// A login at IAM, and how it ends.
struct Login {
  var relay: Int
  var incarnation: Int
  var startedAt: Int
  var result = Result.failed

  enum Result {
    case token(Int)
    case failed, refused
  }
}

/// A token and its life, in milliseconds of the run.
struct Token {
  var issuedAt: Int
  var endsAt: Int
}
