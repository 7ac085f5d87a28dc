internal import AMQP
internal import EventLoop
internal import OCRContract

/// An operator's work on dead letters, over AMQP alone.
///
/// Only one desk of a virtual host works at a time: each operation holds an exclusive queue as its lock. Every operation
/// looks at all letters of the queues concerned, because a queue can be looked at in no other way; that changes neither
/// order nor content, and adds one to the delivery count of each letter.
///
/// Isolation: safe to call from any task; work runs on a loop of its own, and so do the closures that do not suspend.
public actor DeadLetterDesk {
  private nonisolated let loop: EventLoop
  /// The desk's own loop, as the actor's executor.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  private let endpoints: [BrokerEndpoint]
  private let options: DeskOptions
  /// The replay under way.
  var replaying: ReplayRunner?

  /// A desk for the broker at the first reachable of these addresses. Nothing is connected yet.
  public init(urls: [String], options: DeskOptions = DeskOptions()) throws(DeadLetterError) {
    endpoints = try Self.endpoints(urls)
    self.options = options
    do throws(EventLoopError) {
      loop = try EventLoop(name: "dead-letters")
    } catch {
      throw .brokerUnreachable(error.description)
    }
  }

  /// The brokers at these addresses.
  static func endpoints(_ urls: [String]) throws(DeadLetterError) -> [BrokerEndpoint] {
    var endpoints: [BrokerEndpoint] = []
    do throws(AMQPURL.Problem) {
      for url in urls { endpoints += try AMQPURL.parse(url) }
    } catch {
      throw .invalidURL(error.description)
    }
    guard !endpoints.isEmpty else { throw .invalidURL("no broker is configured") }
    return endpoints
  }

  /// Ends the desk's thread. Call it last.
  public nonisolated func close() { loop.stop() }

  /// The time that ages are counted to: milliseconds since 1970.
  public static var now: Int64 { Clock.milliseconds() }

  // MARK: Looking

  /// Counts the letters that are meant.
  public func statistics(
    of place: LetterPlace = .dead, _ filter: LetterFilter = LetterFilter()
  ) async throws(DeadLetterError) -> LetterStatistics {
    var statistics = LetterStatistics()
    let session = try await open(for: .reading, place)
    try await closing(session) { () async throws(DeadLetterError) in
      try await visit(session, place, filter, withFingerprints: !filter.ids.isEmpty) { letter, _ in
        statistics.add(letter, now: Clock.milliseconds())
      }
    }
    return statistics
  }

  /// Shows the letters that are meant to `visit`, oldest first within each queue; with their bodies if wanted. An error
  /// that `visit` throws ends the visit.
  public func read(
    _ place: LetterPlace = .dead, _ filter: LetterFilter, withBodies: Bool,
    _ visit: @Sendable (Letter) throws(DeadLetterError) -> Void
  ) async throws(DeadLetterError) {
    try await read(place, filter, wantsBody: { _ in withBodies }, visit)
  }

  /// As ``read(_:_:withBodies:_:)``, with the bodies of those letters that `wantsBody` says yes to, which is asked right
  /// before `visit`.
  public func read(
    _ place: LetterPlace = .dead, _ filter: LetterFilter, wantsBody: @Sendable (LetterRecord) -> Bool,
    _ visit: @Sendable (Letter) throws(DeadLetterError) -> Void
  ) async throws(DeadLetterError) {
    let session = try await open(for: .reading, place)
    try await closing(session) { () async throws(DeadLetterError) in
      try await self.visit(session, place, filter, withFingerprints: true) {
        (letter, delivery) throws(DeadLetterError) in
        try visit(Letter(record: letter, body: wantsBody(letter) ? Array(delivery.body.bytes) : []))
      }
    }
  }

  // MARK: Moving

  /// Deletes the letters that are meant, for good, and returns how many. `confirm` is asked first, with what would be
  /// deleted: exactly those letters are, whatever arrives meanwhile.
  public func purge(
    _ place: LetterPlace = .dead, _ filter: LetterFilter, confirm: @Sendable (LetterStatistics) async -> Bool
  ) async throws(DeadLetterError) -> Int {
    var statistics = LetterStatistics()
    var chosen: [(id: DeliveryID, queue: String)] = []
    let session = try await open(for: .reading, place)
    try await closing(session) { () async throws(DeadLetterError) in
      try await visit(session, place, filter, withFingerprints: !filter.ids.isEmpty) { letter, delivery in
        statistics.add(letter, now: Clock.milliseconds())
        chosen.append((delivery.id, letter.queue))
      }
      guard !chosen.isEmpty, await confirm(statistics) else { return chosen.removeAll() }
      for (id, queue) in chosen where !session.walk.remove(id, from: queue) {
        throw session.reading.failure ?? .connectionLost("nothing was deleted")
      }
    }
    return chosen.count
  }

  /// Puts the letters that are meant aside, in the queue `ocr.parked`, and returns how many. `progress` is told the
  /// number after each.
  public func park(
    _ filter: LetterFilter, progress: @Sendable (Int) -> Void
  ) async throws(DeadLetterError) -> Int {
    var count = 0
    let session = try await open(for: .moving, .parked)
    try await closing(session) { () async throws(DeadLetterError) in
      for queue in LetterPlace.dead.queues(for: filter) {
        try await session.walk.begin(queue)
        while let delivery = try await session.walk.next() {
          let letter = LetterRecord(reading: delivery, queue: queue, withFingerprint: !filter.ids.isEmpty)
          guard filter.accepts(letter, now: Clock.milliseconds()) else { continue }
          try await move(delivery, letter, session)
          count += 1
          progress(count)
        }
      }
    }
    return count
  }

  private func move(
    _ delivery: Delivery, _ letter: LetterRecord, _ session: DeskSession
  ) async throws(DeadLetterError) {
    if let obstacle = LetterCopy.obstacle(delivery) { throw .notMoved(obstacle) }
    let copy = LetterCopy.parked(delivery, letter)
    switch try await session.publish(copy) {
    case .confirmed: break
    case .returned(let reason): throw .notMoved("no queue takes it (\(reason.text))")
    case .refused: throw .notMoved("the broker refused it; \(copy.routingKey) may be full")
    case .unsendable(let reason): throw .notMoved(reason)
    }
    guard session.walk.remove(delivery.id, from: letter.queue) else {
      throw session.reading.failure ?? .connectionLost("a letter is in two queues now")
    }
  }

  // MARK: Sessions

  /// Connects for one operation. The queue for letters put aside is made by whoever needs it first.
  func open(for purpose: DeskSession.Purpose, _ place: LetterPlace) async throws(DeadLetterError) -> DeskSession {
    let session = try await DeskSession.open(
      endpoints: endpoints, options: options, reactor: loop.reactor, for: purpose)
    guard place == .parked else { return session }
    do throws(DeadLetterError) {
      let queue = QueueDeclaration(QueueName.parked, arguments: ["x-queue-type": .string("quorum")])
      try await session.reading.request(.declareQueue(queue))
    } catch {
      await session.close()
      throw error
    }
    return session
  }

  /// Runs an operation and closes its session, however it ends.
  func closing(
    _ session: DeskSession, _ body: () async throws(DeadLetterError) -> Void
  ) async throws(DeadLetterError) {
    do throws(DeadLetterError) {
      try await body()
    } catch {
      await session.close()
      throw error
    }
    await session.close()
  }

  private func visit(
    _ session: DeskSession, _ place: LetterPlace, _ filter: LetterFilter, withFingerprints: Bool,
    _ visit: (LetterRecord, Delivery) throws(DeadLetterError) -> Void
  ) async throws(DeadLetterError) {
    for queue in place.queues(for: filter) {
      try await session.walk.begin(queue)
      while let delivery = try await session.walk.next() {
        let letter = LetterRecord(reading: delivery, queue: queue, withFingerprint: withFingerprints)
        if filter.accepts(letter, now: Clock.milliseconds()) { try visit(letter, delivery) }
      }
    }
  }

  var reactor: Reactor { loop.reactor }
}
