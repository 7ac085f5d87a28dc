import EventLoop
import TestSupport
import Testing

@testable import RedisStore

@Suite struct PendingCommandsTests {
  /// Sends, replies and passing time in any order: each command is answered once, replies in the order of sending.
  @Test func eachCommandIsAnsweredOnce() {
    var random = SeededRandom.announced()
    for _ in 0..<200 {
      var pending = PendingCommands()
      var sent = 0
      var replied = 0
      var answers: [Int: Bool] = [:]
      var now = MonotonicInstant(nanoseconds: 0)
      for _ in 0..<300 {
        switch UInt8.random(in: 0..<4, using: &random) {
        case 0, 1:
          let number = sent
          pending.append(sentAt: now, deadline: now + .nanoseconds(50)) { result in
            #expect(answers[number] == nil)
            if case .success = result { answers[number] = true } else { answers[number] = false }
          }
          sent += 1
        case 2:
          if let completion = pending.takeOldest() {
            #expect((completion == nil) == (answers[replied] != nil))
            completion?(.success(.null))
            replied += 1
          } else {
            #expect(replied == sent)
          }
        default:
          now = now + .nanoseconds(Int64.random(in: 0..<40, using: &random))
          while let completion = pending.takeOverdue(now) { completion(.failure(.init(.timedOut, ""))) }
        }
        #expect(pending.count == sent - replied)
        #expect(pending.nextDeadline.map { $0 > now || sent > replied } ?? true)
      }
      for completion in pending.takeAll() { completion(.failure(.init(.stopped, ""))) }
      #expect(answers.count == sent && pending.count == 0 && pending.nextDeadline == nil)
    }
  }
}
