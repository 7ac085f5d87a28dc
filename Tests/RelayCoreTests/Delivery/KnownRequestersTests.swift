import RelayCore
import Testing

struct KnownRequestersTests {
  /// The last of the answers decides, after the others have asked for it.
  @Test(
    arguments: [
      ([.found], .isThere), ([.notFound], .isGone), ([.none], .unknown), ([.breakdown], .askAgain),
      ([.breakdown, .found], .isThere), ([.breakdown, .notFound], .isGone),
      ([.breakdown, .breakdown], .isGone),
      ([.breakdown, .none], .unknown), ([.breakdown, .none, .breakdown], .askAgain),
      ([.breakdown, .found, .breakdown], .askAgain),
    ] as [([KnownRequesters.Answer], KnownRequesters.Verdict)])
  func whatIsMadeOfAnswers(_ answers: [KnownRequesters.Answer], _ verdict: KnownRequesters.Verdict) {
    var known = KnownRequesters()
    var last: KnownRequesters.Verdict?
    for answer in answers { last = known.judge("a", answer, now: .zero) }
    #expect(last == verdict)
    let remembered: Bool? =
      switch verdict {
      case .isThere: true
      case .isGone: false
      case .askAgain, .unknown:
        answers.contains { if case .found = $0 { true } else { false } } ? true : nil
      }
    #expect(known.find("a", now: .zero) == remembered)
  }

  /// Trouble of the broker while it is asked for one address says nothing about another.
  @Test func breakdownsOverDifferentAddressesAreNotAdded() {
    var known = KnownRequesters()
    #expect(known.judge("a", .breakdown, now: .zero) == .askAgain)
    #expect(known.judge("b", .breakdown, now: .zero) == .askAgain)
    #expect(known.judge("a", .found, now: .zero) == .isThere)
    #expect(known.judge("b", .breakdown, now: .zero) == .isGone)
  }

  @Test func thoseThatExistAreTrustedForAMoment() {
    var known = KnownRequesters()
    #expect(known.find("a", now: .zero) == nil)
    _ = known.judge("a", .found, now: .zero)
    #expect(known.find("a", now: .milliseconds(4_999)) == true)
    #expect(known.find("a", now: .seconds(5)) == nil)
    #expect(known.find("b", now: .zero) == nil)
  }

  @Test func thoseThatAreGoneStayGone() {
    var known = KnownRequesters()
    _ = known.judge("a", .found, now: .zero)
    _ = known.judge("a", .notFound, now: .seconds(1))
    #expect(known.find("a", now: .seconds(500)) == false)
  }

  @Test func theBookIsBounded() {
    var known = KnownRequesters()
    for number in 0..<10_000 {
      _ = known.judge("\(number)", number % 2 == 0 ? .found : .notFound, now: .milliseconds(number))
      #expect(known.count <= KnownRequesters.capacity)
    }
    #expect(known.find("9999", now: .seconds(10)) == false, "the newest is known")
  }
}
