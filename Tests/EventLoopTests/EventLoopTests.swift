import EventLoop
import Glibc
import Testing

/// An actor pinned to a loop, as the service's own actors are.
private actor Pinned {
  nonisolated let loop: EventLoop
  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
  private var order: [Int] = []

  init(loop: EventLoop) { self.loop = loop }

  func onLoop() -> Bool { loop.isOnLoop }

  func fireInOrder(_ delays: [Duration]) async -> [Int] {
    let reactor = loop.reactor
    await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
      var remaining = delays.count
      for (index, delay) in delays.enumerated() {
        reactor.schedule(after: delay) { [self] in
          note(index)
          remaining -= 1
          if remaining == 0 { done.resume() }
        }
      }
    }
    return order
  }

  private func note(_ index: Int) { order.append(index) }

  /// Arms a timer for `first`, arms it again for `second`, and counts its firings until a later timer ends the wait.
  func rearm(first: Duration, second: Duration?) async -> Int {
    let reactor = loop.reactor
    var fired = 0
    let timer = reactor.makeTimer { fired += 1 }
    timer.arm(after: first)
    if let second { timer.arm(after: second) } else { timer.disarm() }
    await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
      reactor.schedule(after: .milliseconds(60)) { done.resume() }
    }
    timer.invalidate()
    return fired
  }

  /// Writes a byte into a pipe and waits until the loop reports the other end readable.
  func pipeBecomesReadable() async throws -> UInt8 {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { return 0 }
    let reactor = loop.reactor
    let (input, output) = (ends[0], ends[1])
    let byte: UInt8 = try await withCheckedThrowingContinuation { done in
      do {
        try reactor.register(input, for: .readable) { events in
          var byte: UInt8 = 0
          #expect(events.contains(.readable))
          #expect(read(input, &byte, 1) == 1)
          reactor.deregister(input)
          done.resume(returning: byte)
        }
      } catch {
        done.resume(throwing: error)
      }
      var byte: UInt8 = 42
      write(output, &byte, 1)
    }
    close(input)
    close(output)
    return byte
  }

  func countsTurns() async -> Int {
    let reactor = loop.reactor
    var turns = 0
    let id = reactor.addTurnHandler { turns += 1 }
    await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
      reactor.schedule(after: .milliseconds(1)) { done.resume() }
    }
    reactor.removeTurnHandler(id)
    return turns
  }
}

private struct Expected: Error {}

@Suite struct EventLoopTests {
  @Test func aBlockingRunEndsWithItsWork() throws {
    let loop = try EventLoop(name: "test")
    try loop.runBlocking {
      #expect(loop.isOnLoop)
      #expect(await Pinned(loop: loop).onLoop())
      #expect(loop.isOnLoop)
    }
    #expect(throws: Expected.self) { try loop.runBlocking { throw Expected() } }
  }

  @Test func actorsRunOnTheirLoop() async throws {
    let loop = try EventLoop(name: "test")
    #expect(await Pinned(loop: loop).onLoop())
    #expect(!loop.isOnLoop)
    loop.stop()
  }

  /// Nothing of an actor runs between a statement and the body of the continuation that follows it.
  @Test func nothingComesBetweenACheckAndItsContinuation() async throws {
    let loop = try EventLoop(name: "test")
    let actor = Interleaving(loop: loop)
    for _ in 0..<20 {
      async let order = actor.check()
      await actor.other()
      let seen = await order
      #expect(seen == ["check", "body", "other"] || seen == ["other", "check", "body"])
    }
    loop.stop()
  }

  @Test func tasksWithTheLoopAsPreferenceStayOnIt() async throws {
    let loop = try EventLoop(name: "test")
    let onLoop = await Task(executorPreference: LoopTaskExecutor(loop)) {
      await Task.yield()
      return loop.isOnLoop
    }.value
    #expect(onLoop)
    loop.stop()
  }

  @Test func manyJobsFromManyThreadsAllRun() async throws {
    let loop = try EventLoop(name: "test")
    let actor = Pinned(loop: loop)
    let sum = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<2_000 { group.addTask { await actor.onLoop() ? 1 : 0 } }
      return await group.reduce(0, +)
    }
    #expect(sum == 2_000)
    loop.stop()
  }

  @Test func timersFireInOrderOfTheirDeadlines() async throws {
    let loop = try EventLoop(name: "test")
    let order = await Pinned(loop: loop).fireInOrder([
      .milliseconds(30), .milliseconds(10), .milliseconds(20), .zero,
    ])
    #expect(order == [3, 1, 2, 0])
    loop.stop()
  }

  @Test(arguments: [
    (Duration.milliseconds(5), Duration?.some(.milliseconds(10)), 1),
    (.milliseconds(20), .some(.milliseconds(5)), 1),
    (.milliseconds(5), nil, 0),
  ])
  func aTimerArmedAgainFiresOnce(first: Duration, second: Duration?, expected: Int) async throws {
    let loop = try EventLoop(name: "test")
    #expect(await Pinned(loop: loop).rearm(first: first, second: second) == expected)
    loop.stop()
  }

  @Test func readyDescriptorsAreReported() async throws {
    let loop = try EventLoop(name: "test")
    #expect(try await Pinned(loop: loop).pipeBecomesReadable() == 42)
    loop.stop()
  }

  @Test func turnHandlersRunBeforeEachWait() async throws {
    let loop = try EventLoop(name: "test")
    #expect(await Pinned(loop: loop).countsTurns() > 0)
    loop.stop()
  }
}

/// Is slow between a check and a continuation, and notes what ran when.
private actor Interleaving {
  nonisolated let loop: EventLoop
  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
  private var order: [String] = []
  private var waiting: CheckedContinuation<[String], Never>?

  init(loop: EventLoop) { self.loop = loop }

  func other() { note("other") }

  func check() async -> [String] {
    note("check")
    // Long enough for another thread to enqueue what it has.
    usleep(2_000)
    return await withCheckedContinuation { continuation in
      waiting = continuation
      note("body")
    }
  }

  private func note(_ text: String) {
    order.append(text)
    guard order.count == 3, let waiting else { return }
    waiting.resume(returning: order)
    (order, self.waiting) = ([], nil)
  }
}
