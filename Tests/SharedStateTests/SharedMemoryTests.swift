import EventLoop
import RelayCore
import SharedState
import Synchronization
import Testing

/// What loops of one process share in memory, used from many threads at a time.
struct SharedMemoryTests {
  private static let loops = 8

  private static var clock: Duration { .nanoseconds(MonotonicInstant.now().nanoseconds) }

  private func onAllLoops(_ body: @escaping @Sendable (Int) -> Void) async {
    await withTaskGroup(of: Void.self) { group in
      for loop in 0..<Self.loops { group.addTask { body(loop) } }
    }
  }

  @Test func oneLoopLogsInForAll() async {
    let store = SharedTokenMemory { 0 }
    let verdicts = Mutex<[TokenReply.Verdict]>([])
    await onAllLoops { _ in
      for _ in 0..<100 {
        store.perform(.claim(LoginClaim())) { result in
          guard case .success(let reply) = result else { return }
          verdicts.withLock { $0.append(reply.verdict) }
        }
      }
    }
    let seen = verdicts.withLock { $0 }
    let granted = seen.count { if case .granted = $0 { true } else { false } }
    #expect(granted == 1 && seen.count == Self.loops * 100)
    #expect(store.name == "memory")
  }

  @Test func theFirstResultCountsForAllLoops() async {
    let store = SharedResultMemory(maximumBytes: 1 << 20, lifetime: .seconds(60)) { .zero }
    let kept = Mutex<[UInt64: Int]>([:])
    await onAllLoops { loop in
      for number in UInt64(0)..<200 {
        let result = StoredResult(body: [UInt8(loop)], attempts: 1, milliseconds: 1)
        store.keep(ResultKey(high: 0, low: number), result) { earlier in
          if earlier == nil { kept.withLock { $0[number, default: 0] += 1 } }
        }
      }
    }
    #expect(kept.withLock { $0.values.allSatisfy { $0 == 1 } && $0.count == 200 })
    var found: StoredResult?
    store.find(ResultKey(high: 0, low: 7)) { found = $0 }
    #expect(found != nil && store.largestBody > 0 && store.largestBody < 1 << 16)
  }

  @Test func noSlotIsHandedOutTwice() async {
    let fleet = FleetMemory()
    let slots = Mutex<[Duration]>([])
    await onAllLoops { _ in
      let member = fleet.join { _ in }
      let now = Self.clock
      for _ in 0..<50 {
        let request = LeaseRequest(
          wanted: 5, interval: .microseconds(100), tolerance: .milliseconds(1), horizon: .milliseconds(100))
        let run = fleet.lease(request, of: member, now: now).slots
        slots.withLock { all in all += (0..<run.count).map { run.first + run.interval * $0 } }
      }
      fleet.leave(member, unused: nil)
    }
    let all = slots.withLock { $0.sorted() }
    #expect(all.count > Self.loops)
    #expect(zip(all, all.dropFirst()).allSatisfy { $1 - $0 >= .microseconds(100) })
  }

  @Test func newsReachTheOthersUntilTheyLeave() async {
    let fleet = FleetMemory()
    let heard = Mutex<[Int: Int]>([:])
    let members = (0..<3).map { number in fleet.join { _ in heard.withLock { $0[number, default: 0] += 1 } } }
    let cause = "OCR_BACKEND_FAILED,"
    let closed = fleet.take(OutageStep(kind: .close, known: .zero, cause: cause), of: members[0], now: .seconds(1))
    fleet.leave(members[1], unused: nil)
    _ = fleet.take(OutageStep(kind: .open, known: closed.now, cause: cause), of: members[2], now: .seconds(2))
    #expect(heard.withLock { $0 } == [0: 1, 1: 1, 2: 1])
  }
}
