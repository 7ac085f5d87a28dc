internal import AMQP
internal import OCRContract
internal import RelayCore

/// What a delivery says about itself besides its body: who asks, where the answer goes, until when.
struct IncomingRequest {
  /// The publisher's id, or one derived from user, API and body.
  var messageID: String
  var isDerivedID: Bool
  /// What every reply repeats.
  var correlationID: String
  var replyTarget: ReplyTarget?
  var userID: String?
  /// Milliseconds since 1970; after it no call is made.
  var deadline: Int64?
  /// Calls that were made in earlier deliveries; believed only when the message came through our own retry exchange.
  var attempts: Int
  var firstFailedAt: Int64?
  /// The queue that the request came in before it was moved to the overflow queue; nil when it was not. Believed under
  /// the same condition as `attempts`.
  var originQueue: String?
  /// Milliseconds since 1970; before it no call is made. Believed under the same condition as `attempts`.
  var notBefore: Int64?
  var replayCount: Int
  /// Where a notice of the outcome is wanted, and what it repeats.
  var outcomeTarget: ReplyTarget?
  var replayID: String?
  var traceparent: String?
  var tracestate: String?
  var options: [UInt8]
  var receivedAt: Int64
  /// What cannot be understood, if anything. Everything else holds even then, so that the request can be answered.
  var rejection: RequestRejection?

  /// How long ago the request failed for the first time; zero when it never did.
  var age: Duration {
    guard let firstFailedAt, firstFailedAt > 0 else { return .zero }
    return .milliseconds(max(0, receivedAt - firstFailedAt))
  }

  /// How long the next call still has to wait; nil when it may be made, or when it is too late for one.
  func remainingWait(at now: Int64) -> Duration? {
    guard let notBefore, notBefore > now, deadline.map({ $0 > now }) ?? true else { return nil }
    return .milliseconds(notBefore - now)
  }
}
