import RelayCore
import Testing

struct TokenLifecycleTests {
  private static let policy = TokenPolicy(
    renewBefore: .seconds(300), shortestRetry: .seconds(1), longestRetry: .seconds(60), waitAfterRefusal: .seconds(330))
  private static let first = TokenGeneration(number: 1)
  private static let second = TokenGeneration(number: 2)

  private static func fresh() -> TokenLifecycle { TokenLifecycle(policy: policy) }

  /// A token obtained at 0 for `lifetime`.
  private static func loggedIn(_ lifetime: Duration = .seconds(3_600)) -> TokenLifecycle {
    var lifecycle = fresh()
    _ = lifecycle.need(newerThan: nil, now: .zero)
    _ = lifecycle.loggedIn(lifetime: lifetime, startedAt: .zero, now: .zero)
    return lifecycle
  }

  @Test func nothingIsKnownAtFirst() {
    var lifecycle = Self.fresh()
    #expect(lifecycle.current == nil && lifecycle.nextDeadline == nil && !lifecycle.isLoggingIn)
    #expect(lifecycle.renewIfDue(now: .seconds(9)) == nil, "nobody has asked yet")
    #expect(lifecycle.need(newerThan: nil, now: .zero) == .logIn)
    #expect(lifecycle.isLoggingIn)
    #expect(lifecycle.need(newerThan: nil, now: .zero) == .wait)
    #expect(lifecycle.need(newerThan: Self.first, now: .zero) == .wait)
    #expect(lifecycle.renewIfDue(now: .seconds(9)) == nil)
    #expect(lifecycle.nextDeadline == nil)
  }

  @Test func expiryCountsFromTheStartOfTheRequest() throws {
    var lifecycle = Self.fresh()
    _ = lifecycle.need(newerThan: nil, now: .seconds(100))
    let generation = lifecycle.loggedIn(lifetime: .seconds(1_000), startedAt: .seconds(100), now: .seconds(130))
    #expect(generation == Self.first)
    let current = try #require(lifecycle.current)
    #expect(current.expiresAt == .seconds(1_100) && current.renewAt == .seconds(800))
    #expect(lifecycle.need(newerThan: nil, now: .milliseconds(1_099_999)) == .use(Self.first))
    #expect(lifecycle.need(newerThan: nil, now: .seconds(1_100)) == .logIn)
  }

  @Test func aTokenThatEndedOnItsWayIsNone() {
    var lifecycle = Self.fresh()
    _ = lifecycle.need(newerThan: nil, now: .zero)
    #expect(lifecycle.loggedIn(lifetime: .seconds(5), startedAt: .zero, now: .seconds(5)) == nil)
    #expect(lifecycle.current == nil && lifecycle.isLoggingIn)
    lifecycle.loginFailed(isRefusal: false, minimumWait: nil, now: .seconds(5))
    #expect(lifecycle.need(newerThan: nil, now: .seconds(5)) == .refuseUntil(.seconds(6)), "no login after login")
  }

  @Test(arguments: [(86_400, 300), (601, 300), (600, 300), (599, 299.5), (10, 5), (1, 0.5)] as [(Int, Double)])
  func theRenewalMarginIsAtMostHalfTheLife(_ lifetime: Int, _ margin: Double) throws {
    let current = try #require(Self.loggedIn(.seconds(lifetime)).current)
    #expect(current.expiresAt - current.renewAt == .milliseconds(Int(margin * 1_000)))
  }

  @Test func aTokenIsRenewedBeforeItsEnd() {
    var lifecycle = Self.loggedIn()
    #expect(lifecycle.nextDeadline == .seconds(3_300))
    #expect(lifecycle.renewIfDue(now: .milliseconds(3_299_999)) == nil)
    #expect(lifecycle.renewIfDue(now: .seconds(3_300)) == .logIn)
    #expect(lifecycle.renewIfDue(now: .seconds(3_300)) == nil, "one login at a time")
    #expect(lifecycle.need(newerThan: nil, now: .seconds(3_400)) == .use(Self.first), "nobody waits for a renewal")
    #expect(
      lifecycle.loggedIn(lifetime: .seconds(3_600), startedAt: .seconds(3_300), now: .seconds(3_301)) == Self.second)
    #expect(lifecycle.need(newerThan: nil, now: .seconds(3_400)) == .use(Self.second))
  }

  @Test func aValidTokenSurvivesFailedRenewals() {
    var lifecycle = Self.loggedIn()
    _ = lifecycle.renewIfDue(now: .seconds(3_300))
    lifecycle.loginFailed(isRefusal: true, minimumWait: nil, now: .seconds(3_300))
    #expect(lifecycle.need(newerThan: nil, now: .seconds(3_301)) == .use(Self.first))
    #expect(lifecycle.nextDeadline == .seconds(3_630))
    #expect(lifecycle.renewIfDue(now: .seconds(3_599)) == nil)
    #expect(lifecycle.need(newerThan: nil, now: .seconds(3_600)) == .refuseUntil(.seconds(3_630)))
    #expect(lifecycle.need(newerThan: nil, now: .seconds(3_630)) == .logIn, "a failure is never final")
  }

  @Test func waitsAfterFailuresDouble() {
    var lifecycle = Self.fresh()
    var now = Duration.zero
    var waits: [Duration] = []
    for _ in 0..<80 {
      #expect(lifecycle.need(newerThan: nil, now: now) == .logIn)
      lifecycle.loginFailed(isRefusal: false, minimumWait: nil, now: now)
      guard case .refuseUntil(let until) = lifecycle.need(newerThan: nil, now: now) else { break }
      #expect(lifecycle.nextDeadline == nil, "without a token, only a need leads to a login")
      waits.append(until - now)
      now = until
    }
    #expect(waits.count == 80)
    #expect(Array(waits.prefix(7)) == [1, 2, 4, 8, 16, 32, 60].map { Duration.seconds($0) })
    #expect(waits.dropFirst(7).allSatisfy { $0 == .seconds(60) })
    _ = lifecycle.need(newerThan: nil, now: now)
    _ = lifecycle.loggedIn(lifetime: .seconds(10), startedAt: now, now: now)
    _ = lifecycle.need(newerThan: nil, now: now + .seconds(10))
    lifecycle.loginFailed(isRefusal: false, minimumWait: nil, now: now)
    #expect(lifecycle.notBefore == now + .seconds(1), "a success forgets earlier failures")
  }

  @Test(
    arguments: [
      (false, nil, 1), (false, 20, 20), (false, 0, 1), (true, nil, 330), (true, 20, 330), (true, 900, 900),
    ] as [(Bool, Int?, Int)])
  func theLongestDemandedWaitCounts(_ isRefusal: Bool, _ minimum: Int?, _ seconds: Int) {
    var lifecycle = Self.fresh()
    _ = lifecycle.need(newerThan: nil, now: .zero)
    lifecycle.loginFailed(isRefusal: isRefusal, minimumWait: minimum.map { .seconds($0) }, now: .zero)
    #expect(lifecycle.need(newerThan: nil, now: .zero) == .refuseUntil(.seconds(seconds)))
  }

  @Test func aRefusedTokenLeadsToOneLogin() {
    var lifecycle = Self.loggedIn()
    lifecycle.tokenWasRefused(Self.first)
    #expect(lifecycle.need(newerThan: Self.first, now: .seconds(1)) == .logIn)
    #expect(lifecycle.need(newerThan: Self.first, now: .seconds(1)) == .wait)
    #expect(lifecycle.need(newerThan: nil, now: .seconds(1)) == .wait, "nobody uses the refused token")
    #expect(lifecycle.loggedIn(lifetime: .seconds(100), startedAt: .seconds(1), now: .seconds(1)) == Self.second)
    #expect(lifecycle.need(newerThan: Self.first, now: .seconds(1)) == .use(Self.second))
  }

  @Test func aRefusalOfAnOldTokenChangesNothing() {
    var lifecycle = Self.loggedIn()
    _ = lifecycle.renewIfDue(now: .seconds(3_300))
    _ = lifecycle.loggedIn(lifetime: .seconds(3_600), startedAt: .seconds(3_300), now: .seconds(3_300))
    let before = lifecycle.current
    lifecycle.tokenWasRefused(Self.first)
    #expect(lifecycle.current == before)
    #expect(lifecycle.need(newerThan: Self.first, now: .seconds(3_301)) == .use(Self.second))
    #expect(lifecycle.need(newerThan: nil, now: .seconds(3_301)) == .use(Self.second))
    #expect(lifecycle.renewIfDue(now: .seconds(3_301)) == nil)
  }

  @Test func changedCredentialsEndTheWait() {
    var lifecycle = Self.loggedIn()
    _ = lifecycle.renewIfDue(now: .seconds(3_300))
    lifecycle.loginFailed(isRefusal: true, minimumWait: nil, now: .seconds(3_300))
    lifecycle.credentialsChanged()
    #expect(lifecycle.need(newerThan: nil, now: .seconds(3_301)) == .use(Self.first), "the token may still be good")
    #expect(lifecycle.renewIfDue(now: .seconds(3_301)) == .logIn)
  }

  @Test func jitterTakesAFifthOfTheMarginAtMost() throws {
    for (jitter, renewAt) in [(0.0, 3_300), (0.5, 3_330), (1, 3_360), (-3, 3_300), (9, 3_360)] {
      var lifecycle = Self.fresh()
      _ = lifecycle.loggedIn(lifetime: .seconds(3_600), startedAt: .zero, now: .zero, jitter: jitter)
      #expect(try #require(lifecycle.current).renewAt == .seconds(renewAt))
    }
  }

  @Test func theFirstRefusalOfTheCurrentTokenIsNews() {
    var lifecycle = Self.loggedIn()
    #expect(!lifecycle.hasWorked)
    lifecycle.tokenWorked(Self.second)
    #expect(!lifecycle.hasWorked, "another token")
    lifecycle.tokenWorked(Self.first)
    #expect(lifecycle.hasWorked)
    #expect(lifecycle.tokenWasRefused(Self.second) == false)
    #expect(lifecycle.tokenWasRefused(Self.first) == true)
    #expect(lifecycle.tokenWasRefused(Self.first) == false)
    _ = lifecycle.loggedIn(lifetime: .seconds(9), startedAt: .zero, now: .zero)
    #expect(!lifecycle.hasWorked)
  }

  @Test func aBlockedLoginIsTriedAgainAtItsTime() {
    var lifecycle = Self.loggedIn()
    _ = lifecycle.renewIfDue(now: .seconds(3_300))
    lifecycle.loginWasBlocked(for: .seconds(60), now: .seconds(3_300))
    #expect(lifecycle.need(newerThan: nil, now: .seconds(3_301)) == .use(Self.first))
    #expect(lifecycle.need(newerThan: Self.first, now: .seconds(3_301)) == .refuseUntil(.seconds(3_360)))
    #expect(lifecycle.renewIfDue(now: .seconds(3_360)) == .logIn)
  }

  @Test func theDefaultPolicyNeverLocksTheAccount() {
    var lifecycle = TokenLifecycle()
    var refusals: [Int] = []
    for second in 0..<20_000 where lifecycle.need(newerThan: nil, now: .seconds(second)) == .logIn {
      lifecycle.loginFailed(isRefusal: true, minimumWait: nil, now: .seconds(second))
      refusals.append(second)
    }
    #expect(refusals.count > 10)
    for start in refusals { #expect(refusals.count { $0 >= start && $0 < start + 16 * 60 } <= 3) }
  }
}
