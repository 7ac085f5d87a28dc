import RelayCore
import Testing

/// What a fleet of processes does together; see ``TokenFleet``.
struct TokenFleetTests {
  private static func run(
    _ settings: TokenFleet.Settings, minutes: Int, seeds: Int = 3,
    _ check: (TokenFleet, UInt64) -> Void
  ) {
    let first = CheckRandom.seed("TokenFleet")
    for seed in first..<first &+ UInt64(seeds) {
      var fleet = TokenFleet(settings, random: CheckRandom(seed: seed))
      fleet.run(for: .seconds(minutes * 60))
      #expect(fleet.violations.isEmpty, "seed \(seed): \(fleet.violations)")
      check(fleet, seed)
    }
  }

  private static func most(_ logins: [Duration], within window: Duration) -> Int {
    logins.map { start in logins.count { $0 >= start && $0 < start + window } }.max() ?? 0
  }

  @Test func oneLoginForEachLifeOfAToken() {
    Self.run(TokenFleet.Settings(), minutes: 20) { fleet, seed in
      #expect(fleet.overlaps == 0, "seed \(seed)")
      // A token of 60 s is renewed after 30 s to 36 s.
      #expect(fleet.logins.count <= 20 * 2 + 1, "seed \(seed): \(fleet.logins.count) logins")
      #expect(fleet.withToken > fleet.withoutToken * 20, "seed \(seed)")
    }
  }

  @Test func aWrongPasswordIsTriedThreeTimesAtMostInHalfAnHour() {
    Self.run(TokenFleet.Settings(passwordIsRight: false), minutes: 30) { fleet, seed in
      #expect(fleet.logins.count <= 3 && !fleet.logins.isEmpty, "seed \(seed): \(fleet.logins)")
    }
  }

  @Test func crashesAndPausesNeverSpendMoreThanTheBudget() {
    let settings = TokenFleet.Settings(passwordIsRight: false, crashes: 20, pauses: 20)
    Self.run(settings, minutes: 40) { fleet, seed in
      let most = Self.most(fleet.logins, within: .seconds(960))
      #expect(most <= 3, "seed \(seed): \(most) logins within 16 minutes")
    }
  }

  @Test func crashesAndPausesOfTheHolderOverlapNothing() {
    let settings = TokenFleet.Settings(lifetime: .seconds(3_600), crashes: 5, pauses: 5)
    Self.run(settings, minutes: 30) { fleet, seed in
      #expect(fleet.overlaps == 0, "seed \(seed)")
      #expect(fleet.withToken > 0, "seed \(seed)")
    }
  }

  @Test func tokensThatNeverWorkStopTheLogins() {
    Self.run(TokenFleet.Settings(lifetime: .seconds(86_400), refusesTokens: true), minutes: 60) { fleet, seed in
      let most = Self.most(fleet.logins, within: .seconds(960))
      #expect(most <= 3 && most > 0, "seed \(seed): \(most) logins within 16 minutes")
    }
  }

  @Test func withoutAStoreEachProcessLogsInForItself() {
    let settings = TokenFleet.Settings(lifetime: .seconds(86_400), storeFailures: 1_000)
    Self.run(settings, minutes: 30) { fleet, seed in
      #expect(fleet.logins.count == 8, "seed \(seed): \(fleet.logins.count)")
    }
    var wrong = settings
    wrong.passwordIsRight = false
    Self.run(wrong, minutes: 30) { fleet, seed in
      #expect(fleet.logins.count <= 8, "seed \(seed): \(fleet.logins.count)")
    }
  }

  @Test func aStoreThatFailsNowAndThenLeavesNobodyWithoutAToken() {
    let settings = TokenFleet.Settings(lifetime: .seconds(120), storeFailures: 100)
    Self.run(settings, minutes: 30) { fleet, seed in
      #expect(fleet.withToken > fleet.withoutToken * 20, "seed \(seed): \(fleet.withoutToken)")
    }
  }
}
