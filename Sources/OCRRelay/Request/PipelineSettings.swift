internal import OCRContract
internal import RelayCore

/// The decisions of the configuration that each request meets. An object that does not change: a request that looks at
/// one of them copies none.
final class PipelineSettings {
  let validator: RequestValidator
  let replies: ReplyPolicy
  let retry: RetryPolicy
  let retryBudget: RetryBudget.Policy
  let replyRetry: ReplyBreaker.Policy
  /// Pause before a copy that the broker refused is published again.
  let refusalPause = Duration.seconds(1)
  /// The most bytes of bodies in work before no more are read from the broker.
  let bytesInWork: Int
  /// The queues that requests come in, in the order of their lanes.
  let queues: [String]
  /// The lane among them for what publishers have waiting beyond their share; nil without one.
  let overflowLane: Int?

  init(
    validator: RequestValidator, replies: ReplyPolicy, retry: RetryPolicy, retryBudget: RetryBudget.Policy,
    replyRetry: ReplyBreaker.Policy, bytesInWork: Int, queues: [String], overflowLane: Int?
  ) {
    self.validator = validator
    self.replies = replies
    self.retry = retry
    self.retryBudget = retryBudget
    self.replyRetry = replyRetry
    self.bytesInWork = bytesInWork
    self.queues = queues
    self.overflowLane = overflowLane
  }
}
