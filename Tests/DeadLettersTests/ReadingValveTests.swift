import Testing

@testable import DeadLetters

struct ReadingValveTests {
  @Test func closesWhenFullAndOpensWhenHalfEmpty() {
    var valve = ReadingValve()
    #expect(valve.update(isFull: false, isHalfEmpty: false) == .none)
    #expect(valve.update(isFull: true, isHalfEmpty: false) == .pause)
    #expect(valve.update(isFull: true, isHalfEmpty: false) == .none)
    #expect(valve.update(isFull: false, isHalfEmpty: false) == .none)
    #expect(valve.isClosed)
    #expect(valve.update(isFull: false, isHalfEmpty: true) == .resume)
    #expect(valve.update(isFull: false, isHalfEmpty: true) == .none)
  }

  /// The answer would lie behind letters that nobody reads.
  @Test func staysOpenWhileAnAnswerIsAwaited() {
    var valve = ReadingValve()
    #expect(valve.asked() == .none)
    #expect(valve.update(isFull: true, isHalfEmpty: false) == .none && !valve.isClosed)
    valve.answered()
    #expect(valve.update(isFull: true, isHalfEmpty: false) == .pause)
    #expect(valve.asked() == .resume && !valve.isClosed)
    #expect(valve.asked() == .none)
    valve.answered()
    #expect(valve.update(isFull: true, isHalfEmpty: false) == .none, "one is still awaited")
  }

  @Test func staysOpenAtTheEnd() {
    var valve = ReadingValve()
    _ = valve.update(isFull: true, isHalfEmpty: false)
    #expect(valve.ended() == .resume)
    #expect(valve.update(isFull: true, isHalfEmpty: false) == .none && !valve.isClosed)
  }
}
