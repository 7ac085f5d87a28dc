import RelayCore
import Testing

struct KnownRequestersTests {
  @Test func thoseThatExistAreTrustedForAMoment() {
    var known = KnownRequesters()
    #expect(known.find("a", now: .zero) == nil)
    known.note("a", isThere: true, now: .zero)
    #expect(known.find("a", now: .milliseconds(4_999)) == true)
    #expect(known.find("a", now: .seconds(5)) == nil)
    #expect(known.find("b", now: .zero) == nil)
  }

  @Test func thoseThatAreGoneStayGone() {
    var known = KnownRequesters()
    known.note("a", isThere: true, now: .zero)
    known.note("a", isThere: false, now: .seconds(1))
    #expect(known.find("a", now: .seconds(500)) == false)
  }

  @Test func theBookIsBounded() {
    var known = KnownRequesters()
    for number in 0..<10_000 {
      known.note("\(number)", isThere: number % 2 == 0, now: .milliseconds(number))
      #expect(known.count <= KnownRequesters.capacity)
    }
    #expect(known.find("9999", now: .seconds(10)) == false, "the newest is known")
  }
}
