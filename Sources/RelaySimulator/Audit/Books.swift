internal import RelayCore

/// What the audit notes about a request.
struct RequestBook {
  var script: RequestScript
  /// Messages of it that exist: ready, in a retry level, or delivered and not settled.
  var living = 0
  /// Times that one message became two: a delivery came again though copies of it had reached their queues, or a retry
  /// was published twice.
  var forks = 0
  /// Deliveries that ended it: an answer or a dead letter reached its queue.
  var ends = 0
  /// Times that the broker gave it up.
  var poisoned = 0
  /// Deliveries that were taken back by a fault.
  var disruptions = 0
  /// Those among them with a call behind them.
  var disruptedCalls = 0
  /// Calls that were answered for good: with a result, or with a failure that will not change.
  var finalCalls = 0
  /// Deliveries that the relay gave back itself.
  var givenBack = 0
  /// Deliveries that were taken back because another message had killed their relay.
  var struckByPoison = 0
}

/// What the audit notes about a delivery.
struct DeliveryBook {
  var request: Int
  var past: Message.Past
  var calls = 0
  /// Calls among them that were refused for too many calls: each may be repeated.
  var throttled = 0
  var counted = 0
  /// The most attempts that its failure allows.
  var allowed = Int.max
  /// Whether it had been put off for too long when a relay took it.
  var isTooOld = false
  /// Whether its last failure concerned everyone.
  var isShared = false
  /// The token that was refused first.
  var refusedToken: Int?
  /// Copies that have to be confirmed before the acknowledgement.
  var required: RequestMachine.Pending = []
  var confirmed: RequestMachine.Pending = []
  /// Copies that were sent, with an unknown fate so far.
  var underWay: RequestMachine.Pending = []
  /// Copies whose fate was unknown when their connection was lost.
  var unknown: RequestMachine.Pending = []
  /// Copies that reached a queue.
  var reached: RequestMachine.Pending = []
  var isDisrupted = false
  /// Whether a relay began to work on it.
  var isTaken = false
  /// Whether a relay ended it as poison.
  var isToldPoison = false
  /// Publishes of its answer.
  var replyPublishes = 0
  var isForked = false
}
