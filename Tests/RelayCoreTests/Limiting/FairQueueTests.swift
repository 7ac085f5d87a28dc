import Testing

@testable import RelayCore

struct FairQueueTests {
  private struct Room {
    var queue = FairQueue()
    var names: [WaitingTicket: String] = [:]

    mutating func enter(
      _ publisher: String, _ names: String..., weight: Int = 1, deadline: Int = 1_000, front: Bool = false
    ) {
      for name in names {
        let ticket = queue.append(
          publisher: publisher, weight: weight, api: publisher, deadline: .seconds(deadline), atFront: front)
        self.names[ticket] = name
      }
    }

    mutating func drain(closed: Set<String> = []) -> [String] {
      var served: [String] = []
      while let (ticket, _) = queue.popFirst(where: { !closed.contains($0) }) { served.append(names[ticket] ?? "?") }
      return served
    }
  }

  @Test func publishersTakeTurns() {
    var room = Room()
    room.enter("a", "a1", "a2", "a3", "a4")
    room.enter("b", "b1", "b2")
    room.enter("c", "c1")
    #expect(room.queue.publishers == 3)
    #expect(room.drain() == ["a1", "b1", "c1", "a2", "b2", "a3", "a4"])
    #expect(room.queue.count == 0 && room.queue.publishers == 0)
  }

  @Test func aTurnIsAsLongAsTheWeight() {
    var room = Room()
    room.enter("a", "a1", "a2", "a3", "a4", "a5")
    room.enter("b", "b1", "b2", "b3", "b4", "b5", weight: 3)
    #expect(room.drain() == ["a1", "b1", "b2", "b3", "a2", "b4", "b5", "a3", "a4", "a5"])
  }

  @Test func aReturningRequestComesFirst() {
    var room = Room()
    room.enter("a", "a2", "a3")
    room.enter("a", "a1", front: true)
    #expect(room.drain() == ["a1", "a2", "a3"])
  }

  @Test func closedAPIsWaitAlone() {
    var room = Room()
    room.enter("a", "a1", "a2")
    room.enter("b", "b1", "b2")
    #expect(room.drain(closed: ["a"]) == ["b1", "b2"])
    #expect(room.drain(closed: ["a"]) == [])
    #expect(room.drain() == ["a1", "a2"])
  }

  @Test func deadlinesEndTheWait() {
    var room = Room()
    room.enter("a", "a1", deadline: 30)
    room.enter("a", "a2", deadline: 10)
    room.enter("b", "b1", deadline: 20)
    #expect(room.queue.earliestDeadline == .seconds(10))
    let early = room.queue.popExpired(now: .seconds(9))
    #expect(early == nil)
    let first = room.queue.popExpired(now: .seconds(25)).map { room.names[$0] }
    let second = room.queue.popExpired(now: .seconds(25)).map { room.names[$0] }
    #expect(Set([first, second]) == ["a2", "b1"])
    #expect(room.queue.popExpired(now: .seconds(25)) == nil && room.queue.earliestDeadline == .seconds(30))
    #expect(room.drain() == ["a1"])
  }

  @Test func aTicketIsGoodOnce() {
    var room = Room()
    room.enter("a", "a1", "a2")
    let ticket = room.names.first { $0.value == "a1" }?.key
    guard let ticket else { return #expect(Bool(false)) }
    let first = room.queue.remove(ticket)
    let second = room.queue.remove(ticket)
    #expect(first && !second)
    room.enter("a", "a3")
    let third = room.queue.remove(ticket)
    #expect(!third, "the place was taken by another")
    #expect(room.drain() == ["a2", "a3"])
  }

  /// Against a plain model: nothing is lost or served twice, publishers stay in order, no publisher gets ahead by more
  /// than a turn of each other while both wait.
  @Test func randomComingAndGoing() {
    let seed = CheckRandom.seed("FairQueue")
    var random = CheckRandom(seed: seed)
    for _ in 0..<200 {
      var queue = FairQueue()
      var model: [String: [WaitingTicket]] = [:]
      for _ in 0..<400 {
        let publisher = ["a", "b", "c", "d"].randomElement(using: &random) ?? "a"
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<5:
          let ticket = queue.append(
            publisher: publisher, weight: 1, api: "", deadline: .seconds(1), atFront: false)
          model[publisher, default: []].append(ticket)
        case 5:
          guard let ticket = model[publisher]?.randomElement(using: &random) else { continue }
          let removed = queue.remove(ticket)
          #expect(removed, "seed \(seed)")
          model[publisher]?.removeAll { $0 == ticket }
        default:
          guard let (ticket, _) = queue.popFirst(where: { _ in true }) else {
            #expect(model.values.filter { !$0.isEmpty }.count == 0, "seed \(seed)")
            continue
          }
          let owner = model.first { $0.value.first == ticket }?.key
          #expect(owner != nil, "seed \(seed): out of order")
          if let owner { model[owner]?.removeFirst() }
        }
        #expect(queue.count == model.values.reduce(0) { $0 + $1.count }, "seed \(seed)")
        #expect(queue.publishers == model.values.filter { !$0.isEmpty }.count, "seed \(seed)")
      }
    }
  }
}
