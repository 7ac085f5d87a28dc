/// Requests that wait for a permit: first come first served within a publisher, fair between publishers.
///
/// Publishers take turns; a turn is as many requests as the publisher's weight. A publisher without waiting requests has
/// no place and saves up no turns. All storage is reused: a queue that has reached its size allocates no more.
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
    var publisher = ""
    var head = -1
    var tail = -1
    var weight = 1
    var turns = 0
    var count = 0
    var next = -1
    var previous = -1
  }

  /// Requests that wait.
  private(set) var count = 0
  private var nodes: [Node] = []
  private var freeNodes: [Int] = []
  private var lines: [Line] = []
  private var freeLines: [Int] = []
  private var lineOf: [String: Int] = [:]
  /// The line whose turn it is; the others follow in a ring.
  private var current = -1
  /// No deadline is earlier; it may be that of a request that has left.
  private(set) var earliestDeadline: Duration?

  /// Publishers with waiting requests.
  var publishers: Int { lineOf.count }

  /// The waiting requests of one publisher.
  func count(of publisher: String) -> Int { lineOf[publisher].map { lines[$0].count } ?? 0 }

  /// The publisher with the most waiting requests, measured by its weight.
  func longestLine() -> (publisher: String, count: Int)? {
    lineOf.values.max { lines[$0].count * lines[$1].weight < lines[$1].count * lines[$0].weight }
      .map { (lines[$0].publisher, lines[$0].count) }
  }

  /// Lets a request wait, behind the others of its publisher or, when it has been served before, in front of them.
  mutating func append(
    publisher: String, weight: Int, api: String, deadline: Duration, atFront: Bool
  ) -> WaitingTicket {
    let line = line(of: publisher, weight: weight)
    let slot = freeNodes.popLast() ?? nodes.count
    if slot == nodes.count { nodes.append(Node()) }
    nodes[slot].line = line
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
    unlink(ticket.slot)
    return true
  }

  /// Takes the request out whose turn it is, among those whose API may be called.
  mutating func popFirst(where isOpen: (String) -> Bool) -> (ticket: WaitingTicket, api: String)? {
    guard count > 0 else { return nil }
    for _ in 0..<lineOf.count {
      let slot = lines[current].head
      if isOpen(nodes[slot].api) {
        let result = (WaitingTicket(slot: slot, generation: nodes[slot].generation), nodes[slot].api)
        let line = current
        lines[line].turns -= 1
        if lines[line].turns <= 0 { passTurn() }
        unlink(slot)
        return result
      }
      passTurn()
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
        unlink(slot)
        return ticket
      }
      next = min(next ?? deadline, deadline)
    }
    earliestDeadline = next
    return nil
  }

  // MARK: Lists

  private mutating func line(of publisher: String, weight: Int) -> Int {
    if let line = lineOf[publisher] { return line }
    let line = freeLines.popLast() ?? lines.count
    if line == lines.count { lines.append(Line()) }
    lines[line] = Line(publisher: publisher, weight: max(1, weight), turns: max(1, weight))
    lineOf[publisher] = line
    insertIntoRing(line)
    return line
  }

  /// A new line comes last: just before the one whose turn it is.
  private mutating func insertIntoRing(_ line: Int) {
    guard current >= 0 else {
      lines[line].next = line
      lines[line].previous = line
      current = line
      return
    }
    let last = lines[current].previous
    lines[line].previous = last
    lines[line].next = current
    lines[last].next = line
    lines[current].previous = line
  }

  private mutating func passTurn() {
    lines[current].turns = lines[current].weight
    current = lines[current].next
  }

  private mutating func link(_ slot: Int, into line: Int, atFront: Bool) {
    lines[line].count += 1
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
    if lines[line].head < 0 { removeLine(line) }
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
    if current == line {
      current = next == line ? -1 : next
    }
    lineOf[lines[line].publisher] = nil
    freeLines.append(line)
  }
}
