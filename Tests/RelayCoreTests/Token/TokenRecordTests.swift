import RelayCore
import Testing

struct TokenRecordTests {
  private static let minute: Int64 = 60_000
  private static let contents = TokenContents(
    text: Secret("token"), refreshText: Secret("refresh"), projectID: "p1", lifetime: .seconds(3_600))

  /// What the states of the table are made of.
  private enum State: String, CaseIterable {
    case empty, leased, leaseEnded, holding, holdingRefused, holdingEnded, refused, locked, spent

    /// A record in this state, at minute 100; leases of the past are 1 to 3, the current one is the last.
    var record: TokenRecord {
      var record = TokenRecord()
      func claim(_ at: Int64) { _ = record.apply(.claim(LoginClaim()), now: at * minute) }
      func save(_ at: Int64) { _ = record.apply(.save(lease: 1, contents, age: .zero), now: at * minute) }
      switch self {
      case .empty: break
      case .leased: claim(100)
      case .leaseEnded: claim(99)
      case .holding, .holdingRefused, .holdingEnded:
        claim(self == .holdingEnded ? 40 : 99)
        save(self == .holdingEnded ? 40 : 99)
        if self == .holdingRefused { _ = record.apply(.invalidate(generation: 1, worked: true), now: 100 * minute) }
      case .refused, .locked:
        claim(99)
        let wait = Duration.seconds(960)
        let setback = self == .refused ? LoginSetback.refused(wait: wait) : .locked(wait: wait)
        _ = record.apply(.fail(lease: 1, setback, secretTag: 0), now: 99 * minute)
      case .spent: for at in [95, 97, 99] { claim(Int64(at)) }
      }
      return record
    }
  }

  @Test(
    arguments: [
      (.empty, .granted(lease: 1)), (.leased, .busy(.seconds(30))), (.leaseEnded, .granted(lease: 2)),
      (.holding, .current), (.holdingRefused, .granted(lease: 2)), (.holdingEnded, .granted(lease: 2)),
      (.refused, .blocked(.seconds(900), .refused)), (.locked, .blocked(.seconds(900), .locked)),
      (.spent, .blocked(.seconds(660), .budget)),
    ] as [(State, TokenReply.Verdict)])
  private func aClaimMeets(_ state: State, _ expected: TokenReply.Verdict) {
    var record = state.record
    #expect(record.apply(.claim(LoginClaim()), now: 100 * Self.minute).verdict == expected)
  }

  @Test(
    arguments: [
      (.empty, .granted(lease: 1)), (.leased, .busy(.seconds(30))), (.refused, .granted(lease: 2)),
      (.locked, .blocked(.seconds(900), .locked)), (.spent, .blocked(.seconds(660), .budget)),
    ] as [(State, TokenReply.Verdict)])
  private func aNewSecretPassesARefusalOnly(_ state: State, _ expected: TokenReply.Verdict) {
    var record = state.record
    #expect(record.apply(.claim(LoginClaim(secretTag: 7)), now: 100 * Self.minute).verdict == expected)
  }

  @Test(arguments: State.allCases)
  private func everyOperationInEveryStateKeepsTheGeneration(_ state: State) {
    let operations: [TokenOperation] = [
      .load, .claim(LoginClaim()), .save(lease: 1, Self.contents, age: .zero),
      .save(lease: 9, Self.contents, age: .zero),
      .fail(lease: 1, .passing, secretTag: 0), .fail(lease: 1, .refused(wait: .seconds(9)), secretTag: 0),
      .fail(lease: 1, .locked(wait: .seconds(9)), secretTag: 0), .invalidate(generation: 1, worked: false),
      .invalidate(generation: 2, worked: true),
    ]
    for operation in operations {
      var record = state.record
      let before = record.apply(.load, now: 100 * Self.minute).token?.generation ?? 0
      let after = record.apply(operation, now: 100 * Self.minute).token?.generation ?? 0
      #expect(after >= before, "\(state) \(operation)")
      #expect(TokenRecord(bytes: record.bytes()) == record, "\(state) \(operation)")
    }
  }

  @Test func aLateHolderOverwritesNothing() {
    var record = TokenRecord()
    #expect(record.apply(.claim(LoginClaim()), now: 0).verdict == .granted(lease: 1))
    #expect(record.apply(.claim(LoginClaim()), now: 30_000).verdict == .granted(lease: 2))
    #expect(record.apply(.save(lease: 2, Self.contents, age: .zero), now: 31_000).verdict == .done)
    var late = Self.contents
    late.text = Secret("late")
    let reply = record.apply(.save(lease: 1, late, age: .seconds(30)), now: 32_000)
    #expect(reply.verdict == .superseded && reply.token?.contents == Self.contents)
    #expect(record.apply(.fail(lease: 1, .locked(wait: .seconds(9)), secretTag: 0), now: 32_000).verdict == .superseded)
    #expect(record.apply(.claim(LoginClaim(newerThan: 2)), now: 33_000).verdict == .granted(lease: 3))
  }

  @Test func ageCountsFromTheStartOfTheLogin() {
    var record = TokenRecord()
    _ = record.apply(.claim(LoginClaim()), now: 0)
    _ = record.apply(.save(lease: 1, Self.contents, age: .seconds(2)), now: 5_000)
    let token = record.apply(.load, now: 8_000).token
    #expect(token?.age == .seconds(5) && token?.remaining == .seconds(3_595) && token?.isUsable == true)
  }

  @Test func aLostRecordCountsOnFromWhatAProcessRemembers() {
    var record = TokenRecord()
    #expect(record.apply(.claim(LoginClaim(newerThan: 41)), now: 0).verdict == .granted(lease: 42))
  }

  @Test func aTokenThatNeverWorkedCountsAsAFailedLogin() {
    var record = TokenRecord()
    for generation in 1...3 as ClosedRange<UInt64> {
      #expect(
        record.apply(.claim(LoginClaim(newerThan: generation - 1)), now: 0).verdict == .granted(lease: generation))
      _ = record.apply(.save(lease: generation, Self.contents, age: .zero), now: 0)
      // Each process says so; it counts once.
      for _ in 0..<8 { _ = record.apply(.invalidate(generation: generation, worked: false), now: 0) }
    }
    #expect(record.apply(.claim(LoginClaim(newerThan: 3)), now: 0).verdict == .blocked(.seconds(960), .budget))
    #expect(record.apply(.claim(LoginClaim(newerThan: 3)), now: 960_000).verdict == .granted(lease: 4))
  }

  @Test func aTokenThatWorkedIsReplacedAnyNumberOfTimes() {
    var record = TokenRecord()
    for generation in 1...20 as ClosedRange<UInt64> {
      #expect(
        record.apply(.claim(LoginClaim(newerThan: generation - 1)), now: 0).verdict == .granted(lease: generation))
      _ = record.apply(.save(lease: generation, Self.contents, age: .zero), now: 0)
      _ = record.apply(.invalidate(generation: generation, worked: true), now: 0)
    }
  }

  @Test func aClockThatWasSetBackBlocksNobodyForLonger() {
    let day: Int64 = 86_400_000
    for state in State.allCases where state != .empty {
      var record = state.record
      let verdict = record.apply(.claim(LoginClaim(newerThan: 1)), now: 100 * Self.minute - day).verdict
      if case .blocked(let wait, _) = verdict { #expect(wait <= .seconds(960), "\(state)") }
      if case .busy(let wait) = verdict { #expect(wait <= .seconds(30), "\(state)") }
    }
  }

  @Test func bytesShowEverythingAndDescriptionsNoSecret() throws {
    var record = State.locked.record
    _ = record.apply(.save(lease: 2, Self.contents, age: .zero), now: 101 * Self.minute)
    _ = record.apply(.fail(lease: 2, .refused(wait: .seconds(5)), secretTag: 77), now: 102 * Self.minute)
    let read = try #require(TokenRecord(bytes: record.bytes()))
    #expect(read == record)
    #expect(!"\(record)".contains("refresh\"") && !String(reflecting: read).contains("\"token\""))
  }

  @Test(arguments: ["", "{}", "[]", "{\"version\":2,\"lastLease\":1,\"attempts\":[]}", "{\"version\":1}"])
  func otherBytesAreNoRecord(_ text: String) {
    #expect(TokenRecord(bytes: Array(text.utf8)) == nil)
  }

  @Test func storesAnswerAtOnceFromMemory() throws {
    var now: Int64 = 0
    let store = MemoryTokenStore { now }
    var verdicts: [TokenReply.Verdict] = []
    for operation in [.claim(LoginClaim()), .save(lease: 1, Self.contents, age: .zero), .claim(LoginClaim())]
      as [TokenOperation]
    {
      store.perform(operation) { result in if case .success(let reply) = result { verdicts.append(reply.verdict) } }
      now += 1
    }
    #expect(verdicts == [.granted(lease: 1), .done, .current] && store.name == "memory")
  }
}
