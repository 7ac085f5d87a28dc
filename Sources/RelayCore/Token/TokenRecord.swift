internal import OCRContract

/// Everything that the processes of one credential share: the token, who logs in, and what failed. Pure.
///
/// Times are milliseconds since 1970 of the store's clock. A clock that was set back must not make anything last
/// longer than it was meant to, so ends are bounded by their length when they are read.
public struct TokenRecord: Sendable, Equatable {
  struct Held: Sendable, Equatable {
    var generation: UInt64
    var contents: TokenContents
    var startedAt: Int64
    var isRefused = false
  }

  struct Lease: Sendable, Equatable {
    var number: UInt64
    var startedAt: Int64
    var length: Int64
  }

  struct Block: Sendable, Equatable {
    var startedAt: Int64
    var length: Int64
    var reason: TokenReply.BlockReason
    var secretTag: UInt16
  }

  /// Number of the last login that was allowed.
  var lastLease: UInt64 = 0
  var held: Held?
  var lease: Lease?
  /// When logins began that led to nothing, or to nothing yet.
  var attempts: [Attempt] = []
  var block: Block?

  struct Attempt: Sendable, Equatable {
    var lease: UInt64
    var at: Int64
  }

  /// Attempts that are kept; a claim's budget is smaller.
  static let maximumAttempts = 16

  /// Nothing is known yet.
  public init() {}

  /// Carries out one operation and answers it.
  public mutating func apply(_ operation: TokenOperation, now: Int64) -> TokenReply {
    let verdict: TokenReply.Verdict =
      switch operation {
      case .load: .done
      case .claim(let claim): self.claim(claim, now)
      case .save(let lease, let contents, let age): save(lease, contents, age, now)
      case .fail(let lease, let setback, let tag): fail(lease, setback, tag, now)
      case .invalidate(let generation, let worked): invalidate(generation, worked: worked, now)
      }
    return TokenReply(verdict: verdict, token: token(at: now))
  }

  private func token(at now: Int64) -> StoredToken? {
    held.map { held in
      StoredToken(
        generation: held.generation, contents: held.contents,
        age: .milliseconds(Self.elapsed(since: held.startedAt, now)), isRefused: held.isRefused)
    }
  }

  // MARK: Operations

  private mutating func claim(_ claim: LoginClaim, _ now: Int64) -> TokenReply.Verdict {
    if let token = token(at: now), token.isUsable, token.generation > claim.newerThan { return .current }
    if let block, let left = Self.left(since: block.startedAt, block.length, now) {
      if block.reason == .locked || block.secretTag == claim.secretTag { return .blocked(left, block.reason) }
    }
    if let lease, let left = Self.left(since: lease.startedAt, lease.length, now) { return .busy(left) }
    if let left = budgetWait(claim, now) { return .blocked(left, .budget) }
    // A record that was lost may count anew: what a process remembers keeps its generations growing.
    let (next, overflow) = max(lastLease, claim.newerThan).addingReportingOverflow(1)
    lastLease = overflow ? .max : next
    lease = Lease(number: lastLease, startedAt: now, length: Self.milliseconds(claim.leaseTime))
    attempts.append(Attempt(lease: lastLease, at: now))
    if attempts.count > Self.maximumAttempts { attempts.removeFirst() }
    return .granted(lease: lastLease)
  }

  /// How long until the budget allows another login; nil when it does now.
  private mutating func budgetWait(_ claim: LoginClaim, _ now: Int64) -> Duration? {
    let window = Self.milliseconds(claim.window)
    for index in attempts.indices { attempts[index].at = min(attempts[index].at, now) }
    attempts.removeAll { Self.left(since: $0.at, window, now) == nil }
    guard attempts.count >= claim.budget, claim.budget > 0 else { return nil }
    return Self.left(since: attempts[attempts.count - claim.budget].at, window, now)
  }

  private mutating func save(
    _ lease: UInt64, _ contents: TokenContents, _ age: Duration, _ now: Int64
  ) -> TokenReply.Verdict {
    release(lease)
    attempts.removeAll { $0.lease == lease }
    if let held, held.generation >= lease { return held.generation == lease ? .done : .superseded }
    lastLease = max(lastLease, lease)
    held = Held(generation: lease, contents: contents, startedAt: now &- Self.milliseconds(age))
    block = nil
    return .done
  }

  private mutating func fail(
    _ lease: UInt64, _ setback: LoginSetback, _ tag: UInt16, _ now: Int64
  ) -> TokenReply.Verdict {
    release(lease)
    // A login that was overtaken tells nothing about the token that is there now.
    if let held, held.generation > lease { return .superseded }
    switch setback {
    case .passing: attempts.removeAll { $0.lease == lease }
    case .refused(let wait): setBlock(wait, .refused, tag, now)
    case .locked(let wait): setBlock(wait, .locked, tag, now)
    }
    return .done
  }

  private mutating func invalidate(_ generation: UInt64, worked: Bool, _ now: Int64) -> TokenReply.Verdict {
    guard let held, held.generation == generation, !held.isRefused else { return .done }
    self.held?.isRefused = true
    guard !worked else { return .done }
    attempts.append(Attempt(lease: generation, at: now))
    if attempts.count > Self.maximumAttempts { attempts.removeFirst() }
    return .done
  }

  private mutating func release(_ number: UInt64) {
    if lease?.number == number { lease = nil }
  }

  private mutating func setBlock(
    _ wait: Duration, _ reason: TokenReply.BlockReason, _ tag: UInt16, _ now: Int64
  ) {
    block = Block(startedAt: now, length: Self.milliseconds(wait), reason: reason, secretTag: tag)
  }

  // MARK: Time

  /// Time since `start`; none when the clock was set back behind it.
  private static func elapsed(since start: Int64, _ now: Int64) -> Int64 {
    let (difference, overflow) = now.subtractingReportingOverflow(start)
    return overflow ? (now < start ? 0 : .max) : max(0, difference)
  }

  /// What is left of `length`; nil when nothing is, also when the start lies in the future by more than that.
  private static func left(since start: Int64, _ length: Int64, _ now: Int64) -> Duration? {
    let (ahead, overflow) = start.subtractingReportingOverflow(now)
    if !overflow, ahead > length { return nil }
    let elapsed = elapsed(since: start, now)
    return elapsed < length ? .milliseconds(length - elapsed) : nil
  }

  private static func milliseconds(_ duration: Duration) -> Int64 {
    Int64(max(.zero, min(duration, .seconds(400 * 86_400))).wholeMilliseconds)
  }
}
