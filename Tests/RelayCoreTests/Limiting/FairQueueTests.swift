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

  private static func drain(_ queue: inout FairQueue, _ names: [WaitingTicket: String]) -> [String] {
    var served: [String] = []
    while let (ticket, _) = queue.popFirst(where: { _ in true }) { served.append(names[ticket] ?? "?") }
    return served
  }

  private static func fill(_ queue: inout FairQueue, _ entries: [(name: String, lane: Int)]) -> [WaitingTicket: String]
  {
    var names: [WaitingTicket: String] = [:]
    for (name, lane) in entries {
      let publisher = String(name.prefix(1))
      names[
        queue.append(publisher: publisher, weight: 1, lane: lane, api: "", deadline: .seconds(1), atFront: false)] =
        name
    }
    return names
  }

  @Test func lanesShareByWeightAndPublishersShareTheirLane() {
    var queue = FairQueue(lanes: [3, 1])
    let names = Self.fill(
      &queue, [("a1", 0), ("a2", 0), ("a3", 0), ("b1", 0), ("c1", 1), ("c2", 1), ("c3", 1), ("d1", 1)])
    #expect(queue.count(inLane: 0) == 4 && queue.count(inLane: 1) == 4 && queue.publishers == 4)
    #expect(Self.drain(&queue, names) == ["a1", "b1", "a2", "c1", "a3", "d1", "c2", "c3"])
    #expect(queue.count == 0 && queue.count(inLane: 0) == 0 && queue.publishers == 0)
  }

  @Test func anEmptyLaneSavesUpNothing() {
    var queue = FairQueue(lanes: [4, 1])
    let first = Self.fill(&queue, [("c1", 1), ("c2", 1), ("c3", 1)])
    #expect(Self.drain(&queue, first) == ["c1", "c2", "c3"])
    let second = Self.fill(&queue, [("a1", 0), ("a2", 0), ("c4", 1), ("c5", 1)])
    #expect(Self.drain(&queue, second) == ["a1", "a2", "c4", "c5"])
  }

  @Test func aPublisherMovesToAnotherLaneInOrder() {
    var queue = FairQueue(lanes: [19, 1])
    let names = Self.fill(&queue, [("a1", 0), ("b1", 0), ("a2", 0), ("a0", 1), ("b2", 0)])
    queue.move("a", from: 0, to: 1)
    queue.move("x", from: 0, to: 1)
    #expect(queue.count(of: "a", inLane: 0) == 0 && queue.count(of: "a", inLane: 1) == 3 && queue.count == 5)
    let moved = names.first { $0.value == "a1" }?.key
    #expect(moved.map { queue.remove($0) } == true, "the ticket still holds")
    #expect(Self.drain(&queue, names) == ["b1", "b2", "a0", "a2"])
  }

  /// Against a plain model: nothing is lost or served twice, publishers stay in order, no publisher gets ahead by more
  /// than a turn of each other while both wait.
  @Test func randomComingAndGoing() {
    let seed = CheckRandom.seed("FairQueue")
    var random = CheckRandom(seed: seed)
    for _ in 0..<200 {
      var queue = FairQueue(lanes: [2, 1])
      var model: [String: [WaitingTicket]] = [:]
      for _ in 0..<400 {
        let publisher = ["a", "b", "c", "d"].randomElement(using: &random) ?? "a"
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<5:
          let ticket = queue.append(
            publisher: publisher, weight: 1, lane: publisher < "c" ? 0 : 1, api: "", deadline: .seconds(1),
            atFront: false)
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
