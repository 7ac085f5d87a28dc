internal import AMQP
internal import EventLoop

/// Goes through queues from their heads to what were their ends when it began, and gives back what nobody took.
///
/// The letters are handed out by the broker and stay unacknowledged until the end of the walk: a quorum queue has no
/// other way to look at it. What goes back keeps its order only when a queue was handed out as a whole: RabbitMQ puts
/// returned messages behind those that were returned before. So a walk goes to the end even if its caller has seen
/// enough.
///
/// Isolation: not `Sendable`; belongs to its desk's loop.
final class LetterWalk {
  private let link: DeskLink
  private let consumer: Consumer
  private let reactor: Reactor
  private var queue = ""
  private var queueNumber = 0
  private var windows = WindowPlan()
  private var windowTag = ""
  private var expected = 0
  private var recounts = 0
  private var received = 0
  /// How many letters the broker delivers without a further window: credit given, and credit that removals have freed.
  private var granted = 0
  private var buffer = LetterBuffer()
  private var valve = ReadingValve()
  private var isOver = false
  private var waiting: CheckedContinuation<Void, Never>?
  /// A question about the queue that is under way, and its answer.
  private var isAsking = false
  private var answer: Result<QueueStatus?, DeadLetterError>?
  private var quietTimer: LoopTimer?
  private var held: [Held] = []

  /// What was handed out from one queue.
  private struct Held {
    var queue: String
    /// Tells the names of its windows from those of other queues.
    var number: Int
    var windows = 0
    var tags = HeldTags()
    /// Letters that were counted, and those that were taken out for good.
    var counted = 0
    /// Whether an earlier consumer got later letters, with credit that removals had freed.
    var isMixed = false
    var removed = 0
  }

  private static let maximumRecounts = 3
  private static let quietTime = Duration.seconds(1)
  /// With more consumers than this the broker returns their letters in no certain order when the connection closes.
  private static let orderedConsumers = 32
  /// As many returns at once keep their order, and no more.
  private static let orderedReturns = 32

  init(link: DeskLink, reactor: Reactor) {
    self.link = link
    self.reactor = reactor
    consumer = Consumer(link: link.link, prefetch: 1, consumerTag: "")
    consumer.onDelivery = { [unowned self] in received($0) }
    link.onLost = { [unowned self] in wake() }
    quietTimer = reactor.makeTimer { [unowned self] in wake() }
  }

  deinit {
    quietTimer?.invalidate()
  }

  // MARK: Reading

  /// Begins with a queue and returns how many letters it holds.
  @discardableResult
  func begin(_ queue: String) async throws(DeadLetterError) -> Int {
    self.queue = queue
    queueNumber += 1
    windows = WindowPlan()
    expected = try await undisturbedCount()
    received = 0
    granted = 0
    recounts = 0
    held.append(Held(queue: queue, number: queueNumber, counted: expected))
    return expected
  }

  /// The next letter, oldest first; nil at the end of the queue.
  func next() async throws(DeadLetterError) -> Delivery? {
    var quietRounds = 0
    while true {
      if let failure = link.failure { throw failure }
      if let delivery = pop() { return delivery }
      if received >= expected, try await !recount() { return nil }
      if received >= granted {
        try await openWindow()
        continue
      }
      let before = received
      await waitForDelivery()
      guard received == before, link.failure == nil else { continue }
      quietRounds += 1
      try await checkQuiet(rounds: quietRounds)
    }
  }

  /// What a killed operator held may come back after the count. Bounded, because letters may go on dying.
  private func recount() async throws(DeadLetterError) -> Bool {
    guard recounts < Self.maximumRecounts else { return false }
    recounts += 1
    let ready = Int(try await status(of: queue).messageCount)
    expected += ready
    held[held.count - 1].counted = expected
    return ready > 0
  }

  /// Somebody may have taken letters between the count and now: an empty queue that stays silent is at its end.
  private func checkQuiet(rounds: Int) async throws(DeadLetterError) {
    guard let ready = try await readyUnlessLettersCome() else { return }
    if ready == 0, rounds >= 2, buffer.isEmpty {
      expected = received
      held[held.count - 1].counted = received
    }
    // Freed credit may be gone with its consumer; a new window brings the rest.
    if ready > 0, received < expected { granted = received }
    if rounds >= 60 { throw .connectionLost("the broker delivers nothing from \(queue)") }
  }

  /// How many letters are in the queue, told behind all that were under way; nil as soon as one of those comes. A broker
  /// that stood still sends them all before its answer: they are looked at as they come, instead of piling up here.
  private func readyUnlessLettersCome() async throws(DeadLetterError) -> Int? {
    let before = received
    answer = nil
    if !isAsking {
      isAsking = true
      link.request(.declareQueue(.init(queue, passive: true))) { [weak self] in self?.answered($0) }
    }
    apply(valve.asked())
    defer { valve.answered() }
    while answer == nil, received == before, link.failure == nil { await waitForDelivery() }
    guard received == before, let answer else { return nil }
    return Int(try answer.get()?.messageCount ?? 0)
  }

  private func answered(_ result: Result<QueueStatus?, DeadLetterError>) {
    isAsking = false
    answer = result
    wake()
  }

  /// What the last operator held may need a moment to come back.
  private func undisturbedCount() async throws(DeadLetterError) -> Int {
    var status = try await self.status(of: queue)
    for _ in 0..<200 where status.consumerCount > 0 { status = try await self.status(of: queue) }
    guard status.consumerCount == 0 else {
      throw .queueInUse(queue: queue, consumers: Int(status.consumerCount))
    }
    return Int(status.messageCount)
  }

  private static func tagPrefix(_ queueNumber: Int) -> String { "dead-\(queueNumber)-" }

  /// Sorted by their tags, consumers stand in the order in which they took letters: the broker returns them so.
  private static func windowTag(_ queueNumber: Int, _ window: Int) -> String {
    let number = String(window)
    return tagPrefix(queueNumber) + String(repeating: "0", count: max(0, 6 - number.utf8.count)) + number
  }

  private func openWindow() async throws(DeadLetterError) {
    let credit = windows.next(remaining: expected - received)
    windowTag = Self.windowTag(queueNumber, held[held.count - 1].windows)
    held[held.count - 1].windows += 1
    granted = received + credit
    try await ask(.qos(prefetch: UInt16(clamping: credit)))
    try await ask(.consume(queue: queue, consumerTag: windowTag))
  }

  /// Asks over the connection that reads.
  private func ask(_ request: BrokerRequest) async throws(DeadLetterError) {
    apply(valve.asked())
    defer { valve.answered() }
    try await link.request(request)
  }

  /// The state of a queue, told behind all letters that the broker has sent before.
  private func status(of queue: String) async throws(DeadLetterError) -> QueueStatus {
    apply(valve.asked())
    defer { valve.answered() }
    return try await link.status(of: queue)
  }

  private func apply(_ change: ReadingValve.Change) {
    switch change {
    case .none: break
    case .pause: consumer.pauseReading()
    case .resume: consumer.resumeReading()
    }
  }

  private func received(_ delivery: Delivery) {
    // Letters that died since the walk began may use credit that was freed; they are no part of it.
    guard delivery.envelope.consumerTag.hasPrefix(Self.tagPrefix(queueNumber)), received < expected else { return }
    if delivery.envelope.consumerTag != windowTag { held[held.count - 1].isMixed = true }
    received += 1
    held[held.count - 1].tags.append(delivery.id)
    guard !isOver else { return }
    windows.add(bytes: delivery.body.count)
    buffer.append(delivery)
    apply(valve.update(isFull: buffer.isFull, isHalfEmpty: false))
    wake()
  }

  private func pop() -> Delivery? {
    let delivery = buffer.popFirst()
    apply(valve.update(isFull: buffer.isFull, isHalfEmpty: buffer.isHalfEmpty))
    return delivery
  }

  private func waitForDelivery() async {
    quietTimer?.arm(after: Self.quietTime)
    await withCheckedContinuation { waiting = $0 }
    quietTimer?.disarm()
  }

  private func wake() {
    waiting?.resume()
    waiting = nil
  }

  // MARK: Settling

  /// Takes a letter out of its queue. False when the connection is lost and it will come again.
  func remove(_ id: DeliveryID, from queue: String) -> Bool {
    guard consumer.settle(id, .ack) else { return false }
    if let position = held.lastIndex(where: { $0.queue == queue }) { held[position].removed += 1 }
    if queue == self.queue { granted += 1 }
    return true
  }

  /// How many letters each queue has at least when everything is back.
  var rest: [(queue: String, letters: Int)] { held.map { ($0.queue, max(0, $0.counted - $0.removed)) } }

  /// Gives back what was not removed, in the order of the queue. The end of the connection does the same faster, and in
  /// order too as long as few consumers were needed and each got its letters in one piece.
  func giveBack() async throws(DeadLetterError) {
    isOver = true
    buffer = LetterBuffer()
    apply(valve.ended())
    for part in held where part.isMixed || part.windows > Self.orderedConsumers {
      for window in 0..<part.windows {
        try await link.request(.cancel(consumerTag: Self.windowTag(part.number, window)))
      }
      try await giveBack(part)
    }
  }

  private func giveBack(_ part: Held) async throws(DeadLetterError) {
    var ready = Int(try await link.status(of: part.queue).messageCount)
    var inBatch = 0
    for id in part.tags.ids {
      if consumer.settle(id, .giveBack) { inBatch += 1 }
      guard inBatch == Self.orderedReturns || id == part.tags.last else { continue }
      ready += inBatch
      inBatch = 0
      for _ in 0..<200 where try await link.status(of: part.queue).messageCount < ready {}
    }
  }
}
