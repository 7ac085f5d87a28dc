import RelayCore
import Testing

struct SlowStartTests {
  private static func careful() -> SlowStart {
    var start = SlowStart()
    start.begins(waiting: 3)
    return start
  }

  @Test func anEmptyQueueNeedsNoCare() {
    var start = SlowStart()
    #expect(start.pace == .unknown)
    start.begins(waiting: 0)
    #expect(start.pace == .full)
    start.begins(waiting: 10)
    #expect(start.pace == .full, "decided once in the life of a process")
  }

  @Test(arguments: [(false, nil), (false, 9), (true, 1), (true, 0), (true, -4)] as [(Bool, Int64?)])
  func anInnocentMessageEndsTheCare(_ isRedelivered: Bool, _ earlier: Int64?) {
    var start = Self.careful()
    #expect(start.pace == .careful)
    let isOver = start.delivered(isRedelivered: isRedelivered, earlierDeliveries: earlier)
    #expect(isOver && start.pace == .full)
    let again = start.delivered(isRedelivered: isRedelivered, earlierDeliveries: earlier)
    #expect(!again, "told once")
  }

  @Test(arguments: [2, 19, .max, nil] as [Int64?])
  func aSuspectKeepsIt(_ earlier: Int64?) {
    var start = Self.careful()
    let isOver = start.delivered(isRedelivered: true, earlierDeliveries: earlier)
    #expect(!isOver && start.pace == .careful)
  }

  @Test func beforeItBeginsNothingIsDecided() {
    var start = SlowStart()
    let isOver = start.delivered(isRedelivered: false, earlierDeliveries: nil)
    #expect(!isOver && start.pace == .unknown)
  }
}
