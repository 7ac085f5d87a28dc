import Testing

@testable import EventLoop

@Suite struct TimerQueueTests {
  @Test(arguments: [0, 1, 2, 3, 17, 500])
  func entriesLeaveInDeadlineOrder(count: Int) {
    var random = SystemRandomNumberGenerator()
    var queue = TimerQueue()
    let deadlines = (0..<count).map { _ in Int64.random(in: 0..<1_000, using: &random) }
    for (slot, deadline) in deadlines.enumerated() {
      queue.insert(.init(deadline: .init(nanoseconds: deadline), slot: slot, generation: 1))
    }
    var left: [Int64] = []
    while let entry = queue.removeEarliest() { left.append(entry.deadline.nanoseconds) }
    #expect(left == deadlines.sorted())
    #expect(queue.count == 0)
  }

  @Test func durationsSaturateInsteadOfOverflowing() {
    #expect(Duration.seconds(Int64.max).saturatingNanoseconds == .max)
    #expect(Duration.seconds(Int64.min).saturatingNanoseconds == .min)
    #expect(Duration.milliseconds(1).saturatingNanoseconds == 1_000_000)
    #expect(MonotonicInstant.distantFuture + .seconds(1) == .distantFuture)
  }
}
