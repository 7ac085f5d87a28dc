internal import OCRContract
internal import RelayCore

/// The decisions of the configuration that each request meets.
struct PipelineSettings {
  var validator: RequestValidator
  var replies: ReplyPolicy
  var retry: RetryPolicy
  var retryBudget: RetryBudget.Policy
  var replyRetry: ReplyBreaker.Policy
  /// Pause before a copy that the broker refused is published again.
  var refusalPause: Duration = .seconds(1)
  /// The most bytes of bodies in work before no more are read from the broker.
  var bytesInWork: Int
  /// The queues that requests come in, in the order of their lanes.
  var queues: [String]
  /// The lane among them for what publishers have waiting beyond their share; nil without one.
  var overflowLane: Int?
}
