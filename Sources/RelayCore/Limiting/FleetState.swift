/// What a process knows of the fleet that it shares its rate with.
struct FleetState: Sendable {
  /// A refusal that the others may not know of yet.
  struct Refusal: Sendable {
    var notice: ThrottleNotice
    /// On the process's own clock.
    var callBegan: Duration
  }

  let policy: FleetPolicy
  /// Whether the process keeps to a share of its own, because the keeper is away.
  var isAlone = true
  /// Whether it has done so after it was not alone.
  var isRecovering = false
  var isAsking = false
  /// No request before this time.
  var askAt = Duration.zero
  var heartbeatAt = Duration.zero
  /// When the keeper answered last.
  var heardAt: Duration?
  var members = 0
  /// The version of the rate at the keeper, and that of our own copy when both were the same.
  var known = 0
  var agreed = -1
  /// The version of our own copy in the request under way; nil when it carries none.
  var offered: Int?
  /// Answered calls that the keeper has not heard of, and those in the request under way.
  var unreported = 0
  var reporting = 0
  var refusals: [Refusal] = []
  /// Failed calls that may concern every call, since the last request.
  var failed = 0
  /// Whether the keeper is to be asked at once, even if no slot is missing.
  var hasNews = false
  /// The fleet's bound for calls at once, as last heard.
  var callLimit = Int.max
  /// No request for more of them before this time.
  var callsAskAt = Duration.zero
  /// Whether the keeper is to be told that too many ran at once.
  var isCallsCut = false
  /// Permits given since the last request.
  var used = 0
  /// Slots asked for in the request under way.
  var wanted = 0
  /// Whether the last request was for what others leave.
  var isSpare = false

  init(policy: FleetPolicy) {
    self.policy = policy
  }

  /// Our own part of the rate.
  var share: Double { policy.localShare / Double(members > 0 ? members : policy.maximumMembers) }

  /// How far ahead slots are leased. Those for what others leave are leased so late that the others have had theirs.
  var horizon: Duration { isSpare ? policy.horizon / 4 : policy.horizon }

  /// A request waits that is not content with what others leave.
  mutating func hasNeed(now: Duration) {
    guard isSpare, !isAsking, !isAlone else { return }
    askAt = min(askAt, now)
  }

  /// Keeps a refusal until the others know what came of it, and tells them at once.
  mutating func note(_ notice: ThrottleNotice, callBegan: Duration) {
    if refusals.count < Self.mostRefusals { refusals.append(Refusal(notice: notice, callBegan: callBegan)) }
    hasNews = true
  }

  private static let mostRefusals = 64
}
