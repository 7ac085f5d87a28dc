internal import RelayCore

/// A relay's record of one delivery in work: the core's machine and what the relay needs to carry out its decisions.
struct Flow {
  var machine: RequestMachine
  let delivery: Int
  /// The token of its call.
  var token = -1
  var isFinished = false
  /// Whether others wait for its call.
  var leadsCall = false
  /// Times that its answer was published and not taken.
  var replyFailures = 0
  /// Milliseconds until it is published again.
  var replyPause = 0
  /// Copies that were published, for publishing them again.
  var reply = -1
  var deadLetter = -1
  var retry = -1
  var parkedReply = -1

  mutating func keep(_ publication: Int, as kind: RequestMachine.Pending) {
    switch kind {
    case .reply: reply = publication
    case .deadLetter: deadLetter = publication
    case .retry: retry = publication
    default: parkedReply = publication
    }
  }

  func publication(_ kind: RequestMachine.Pending) -> Int {
    switch kind {
    case .reply: reply
    case .deadLetter: deadLetter
    case .retry: retry
    default: parkedReply
    }
  }
}
