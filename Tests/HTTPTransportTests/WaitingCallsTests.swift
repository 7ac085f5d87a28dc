import EventLoop
import TestSupport
import Testing

@testable import HTTPTransport

extension HTTPTransportSuite {
  @Suite struct WaitingCallsTests {
    /// The same as a plain list, whatever happens in whatever order.
    @Test func aRandomHistoryIsThatOfAList() throws {
      var random = SeededRandom.announced()
      let request = try self.request()
      for round in 0..<5 {
        var waiting = WaitingCalls()
        var model: [Call] = []
        var now: Int64 = 0
        for serial in 0..<UInt64(2000) {
          now += Int64.random(in: 0...2, using: &random)
          switch Int.random(in: 0..<12, using: &random) {
          case 0..<6:
            let call = self.call(serial, request, deadline: now + .random(in: 0...300, using: &random))
            waiting.append(call)
            model.append(call)
          case 6..<10:
            let expected = model.isEmpty ? nil : model.removeFirst().id
            #expect(waiting.popFirst()?.id == expected, "round \(round)")
          case 10:
            let id = HTTPCallID(serial: .random(in: 0...serial, using: &random))
            let index = model.firstIndex { $0.id == id }
            let expected = index.map { model.remove(at: $0).id }
            #expect(waiting.remove(id)?.id == expected, "round \(round)")
          default:
            let instant = MonotonicInstant(nanoseconds: now)
            let expired = waiting.removeExpired(at: instant).map(\.id)
            #expect(expired == model.filter { $0.deadline <= instant }.map(\.id), "round \(round)")
            model.removeAll { $0.deadline <= instant }
          }
          #expect(waiting.count == model.count, "round \(round)")
          #expect(waiting.earliestDeadline == model.map(\.deadline).min(), "round \(round)")
        }
      }
    }

    /// The bodies of calls that left must not stay with those that still wait.
    @Test func aCallThatLeftIsForgotten() throws {
      let pool = BufferPool()
      var waiting = WaitingCalls()
      for serial in 0..<UInt64(4) {
        waiting.append(call(serial, try request(.buffer(pool.take(capacity: 1024))), deadline: Int64(serial)))
      }
      #expect(waiting.popFirst()?.id == HTTPCallID(serial: 0))
      #expect(pool.bytesInUse == 3 * 1024)
      #expect(waiting.remove(HTTPCallID(serial: 2))?.id == HTTPCallID(serial: 2))
      #expect(pool.bytesInUse == 2 * 1024)
      #expect(waiting.removeExpired(at: MonotonicInstant(nanoseconds: 1)).count == 1)
      #expect(pool.bytesInUse == 1024)
    }

    private func request(_ body: HTTPBody = .none) throws -> HTTPRequest {
      HTTPRequest(target: try HTTPTarget("https://h"), headers: try HTTPHeaders(), body: body)
    }

    private func call(_ serial: UInt64, _ request: HTTPRequest, deadline: Int64) -> Call {
      Call(
        id: HTTPCallID(serial: serial), request: request, startedAt: MonotonicInstant(nanoseconds: 0),
        deadline: MonotonicInstant(nanoseconds: deadline), completion: { _ in })
    }
  }
}
