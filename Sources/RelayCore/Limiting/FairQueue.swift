/// Requests that wait for a permit: first come first served within a publisher, fair between publishers.
///
/// Publishers take turns; a turn is as many requests as the publisher's weight. A publisher without waiting requests has
/// no place and saves up no turns. Where there are several lanes, they take turns in the same way, and the publishers
/// of a lane share its turns. All storage is reused: a queue that has reached its size allocates no more.
@usableFromInline
struct FairQueue: Sendable {
  private struct Node {
    var line = 0
    var next = -1
    var previous = -1
    var generation: UInt32 = 0
    var isWaiting = false
    var deadline = Duration.zero
    var api = ""
  }

  private struct Line {
    var lane = 0
    var publisher = ""
    var head = -1
    var tail = -1
    var weight = 1
    var turns = 0
    var count = 0
    var next = -1
    var previous = -1
  }

  private struct Lane {
    var weight: Int
    var turns: Int
    var count = 0
    /// The line whose turn it is; the others follow in a ring.
    var current = -1
    var lineOf: [String: Int] = [:]

    init(weight: Int) {
      self.weight = max(1, weight)
      turns = self.weight
    }
  }

  /// Requests that wait.
  @usableFromInline private(set) var count = 0
  private var lanes: [Lane]
  /// The lane whose turn it is.
  private var currentLane = 0
  private var nodes: [Node] = []
  private var freeNodes: [Int] = []
  private var lines: [Line] = []
  private var freeLines: [Int] = []
  /// No deadline is earlier; it may be that of a request that has left.
  private(set) var earliestDeadline: Duration?

  /// An empty queue with lanes of these weights.
  init(lanes weights: [Int] = [1]) {
    lanes = (weights.isEmpty ? [1] : weights).map(Lane.init(weight:))
  }

  /// Publishers with waiting requests, counted in each lane.
  var publishers: Int { lanes.reduce(0) { $0 + $1.lineOf.count } }

  /// The waiting requests of one lane.
  func count(inLane lane: Int) -> Int { lanes[lane].count }

  /// The waiting requests of one publisher in a lane.
  func count(of publisher: String, inLane lane: Int = 0) -> Int {
    lanes[lane].lineOf[publisher].map { lines[$0].count } ?? 0
  }

  /// Lets a request wait, behind the others of its publisher or, when it has been served before, in front of them.
  mutating func append(
    publisher: String, weight: Int, lane: Int = 0, api: String, deadline: Duration, atFront: Bool
  ) -> WaitingTicket {
    let line = line(of: publisher, weight: weight, lane: lane)
    let slot = freeNodes.popLast() ?? nodes.count
    if slot == nodes.count { nodes.append(Node()) }
    nodes[slot].api = api
    nodes[slot].deadline = deadline
    nodes[slot].isWaiting = true
    link(slot, into: line, atFront: atFront)
    count += 1
    earliestDeadline = min(earliestDeadline ?? deadline, deadline)
    return WaitingTicket(slot: slot, generation: nodes[slot].generation)
  }

  /// Takes a request out; false when it does not wait any more.
  mutating func remove(_ ticket: WaitingTicket) -> Bool {
    guard ticket.slot < nodes.count, nodes[ticket.slot].isWaiting,
      nodes[ticket.slot].generation == ticket.generation
    else { return false }
    free(ticket.slot)
    return true
  }

  /// Lets all requests of a publisher wait in another lane, behind those that it has there.
  mutating func move(_ publisher: String, from lane: Int, to other: Int) {
    guard lane != other, let line = lanes[lane].lineOf[publisher] else { return }
    let weight = lines[line].weight
    var slot = lines[line].head
    while slot >= 0 {
      let next = nodes[slot].next
      unlink(slot)
      link(slot, into: self.line(of: publisher, weight: weight, lane: other), atFront: false)
      slot = next
    }
  }

  /// Takes the request out whose turn it is, among those whose API may be called.
  mutating func popFirst(where isOpen: (String) -> Bool) -> (ticket: WaitingTicket, api: String)? {
    guard count > 0 else { return nil }
    for _ in lanes.indices {
      let lane = currentLane
      if let result = popFirst(inLane: lane, where: isOpen) {
        lanes[lane].turns -= 1
        if lanes[lane].turns <= 0 { passLane() }
        return result
      }
      passLane()
    }
    return nil
  }

  private mutating func popFirst(
    inLane lane: Int, where isOpen: (String) -> Bool
  ) -> (ticket: WaitingTicket, api: String)? {
    for _ in 0..<lanes[lane].lineOf.count {
      let line = lanes[lane].current
      let slot = lines[line].head
      if isOpen(nodes[slot].api) {
        let result = (WaitingTicket(slot: slot, generation: nodes[slot].generation), nodes[slot].api)
        lines[line].turns -= 1
        if lines[line].turns <= 0 { passTurn(inLane: lane) }
        free(slot)
        return result
      }
      passTurn(inLane: lane)
    }
    return nil
  }

  /// Takes out a request whose deadline has come.
  mutating func popExpired(now: Duration) -> WaitingTicket? {
    guard let earliest = earliestDeadline, earliest <= now else { return nil }
    var next: Duration?
    for slot in nodes.indices where nodes[slot].isWaiting {
      let deadline = nodes[slot].deadline
      if deadline <= now {
        let ticket = WaitingTicket(slot: slot, generation: nodes[slot].generation)
        free(slot)
        return ticket
      }
      next = min(next ?? deadline, deadline)
    }
    earliestDeadline = next
    return nil
  }

  // MARK: Lists

  private mutating func line(of publisher: String, weight: Int, lane: Int) -> Int {
    if let line = lanes[lane].lineOf[publisher] { return line }
    let line = freeLines.popLast() ?? lines.count
    if line == lines.count { lines.append(Line()) }
    lines[line] = Line(lane: lane, publisher: publisher, weight: max(1, weight), turns: max(1, weight))
    lanes[lane].lineOf[publisher] = line
    insertIntoRing(line)
    return line
  }

  /// A new line comes last: just before the one whose turn it is.
  private mutating func insertIntoRing(_ line: Int) {
    let current = lanes[lines[line].lane].current
    guard current >= 0 else {
      lines[line].next = line
      lines[line].previous = line
      lanes[lines[line].lane].current = line
      return
    }
    let last = lines[current].previous
    lines[line].previous = last
    lines[line].next = current
    lines[last].next = line
    lines[current].previous = line
  }

  private mutating func passTurn(inLane lane: Int) {
    let current = lanes[lane].current
    lines[current].turns = lines[current].weight
    lanes[lane].current = lines[current].next
  }

  private mutating func passLane() {
    lanes[currentLane].turns = lanes[currentLane].weight
    currentLane = (currentLane + 1) % lanes.count
  }

  private mutating func link(_ slot: Int, into line: Int, atFront: Bool) {
    nodes[slot].line = line
    lines[line].count += 1
    lanes[lines[line].lane].count += 1
    let neighbour = atFront ? lines[line].head : lines[line].tail
    nodes[slot].previous = atFront ? -1 : neighbour
    nodes[slot].next = atFront ? neighbour : -1
    if neighbour < 0 {
      lines[line].head = slot
      lines[line].tail = slot
    } else if atFront {
      nodes[neighbour].previous = slot
      lines[line].head = slot
    } else {
      nodes[neighbour].next = slot
      lines[line].tail = slot
    }
  }

  private mutating func unlink(_ slot: Int) {
    let node = nodes[slot]
    let line = node.line
    if node.previous >= 0 { nodes[node.previous].next = node.next } else { lines[line].head = node.next }
    if node.next >= 0 { nodes[node.next].previous = node.previous } else { lines[line].tail = node.previous }
    lines[line].count -= 1
    lanes[lines[line].lane].count -= 1
    if lines[line].head < 0 { removeLine(line) }
  }

  private mutating func free(_ slot: Int) {
    unlink(slot)
    nodes[slot].isWaiting = false
    nodes[slot].generation &+= 1
    freeNodes.append(slot)
    count -= 1
    if count == 0 { earliestDeadline = nil }
  }

  private mutating func removeLine(_ line: Int) {
    let (next, previous) = (lines[line].next, lines[line].previous)
    lines[previous].next = next
    lines[next].previous = previous
    let lane = lines[line].lane
    if lanes[lane].current == line { lanes[lane].current = next == line ? -1 : next }
    lanes[lane].lineOf[lines[line].publisher] = nil
    freeLines.append(line)
  }
}
