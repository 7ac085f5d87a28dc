internal import Failpoints
internal import RelayCore

extension RequestMachine.Pending {
  /// The step that publishing this copy is.
  var publishedStep: FailpointStep {
    switch self {
    case .reply: .replyPublished
    case .retry: .retryPublished
    case .deadLetter: .deadCopyPublished
    default: .parkedReplyPublished
    }
  }

  /// The step that the broker's confirm of this copy is.
  var confirmedStep: FailpointStep {
    switch self {
    case .reply: .replyConfirmed
    case .retry: .retryConfirmed
    case .deadLetter: .deadCopyConfirmed
    default: .parkedReplyConfirmed
    }
  }
}
