import EventLoop
import TestSupport

@testable import RedisStore

/// A client on a loop of its own, for tests that call from anywhere.
actor RedisDriver {
  nonisolated let loop: EventLoop
  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  private let endpoint: RedisEndpoint
  private let options: RedisOptions
  private var client: RedisClient?
  private(set) var events: [RedisEvent] = []
  private var waiters: [(isWanted: @Sendable (RedisEvent) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
  private var seen = 0

  init(_ endpoint: RedisEndpoint, _ options: RedisOptions = RedisDriver.options()) throws {
    loop = try EventLoop(name: "redis")
    self.endpoint = endpoint
    self.options = options
  }

  deinit { loop.stop() }

  /// Options with short pauses, and a budget that a busy machine keeps.
  static func options(budget: Duration = .seconds(5)) -> RedisOptions {
    var options = RedisOptions(clientName: "test", budget: budget, markerKey: "ocr:marker")
    options.probeInterval = .milliseconds(20)
    options.checkInterval = .milliseconds(20)
    options.reconnectDelay = .milliseconds(5)...(.milliseconds(50))
    return options
  }

  func start() {
    let client = RedisClient(endpoint: endpoint, options: options, reactor: loop.reactor, pool: BufferPool())
    client.observe { [self] in note($0) }
    self.client = client
    client.start()
  }

  func startAndWait() async {
    start()
    await available()
  }

  func stop() {
    client?.stop()
    client = nil
  }

  /// Sends all of them and stops in the same turn.
  func sendAndStop(_ commands: [RedisCommand]) -> [Result<RedisReply, RedisFailure>] {
    var results: [Result<RedisReply, RedisFailure>] = []
    for command in commands { client?.send(command) { results.append($0) } }
    stop()
    return results
  }

  var isAvailable: Bool { client?.isAvailable ?? false }

  func send(_ command: RedisCommand) async -> Result<RedisReply, RedisFailure> {
    await withCheckedContinuation { continuation in
      guard let client else { preconditionFailure("RedisDriver.send before start") }
      client.send(command) { continuation.resume(returning: $0) }
    }
  }

  /// Sends all of them in one turn; the results are in the order of the commands.
  func send(all commands: [RedisCommand]) async -> [Result<RedisReply, RedisFailure>] {
    await withCheckedContinuation { continuation in
      guard let client else { preconditionFailure("RedisDriver.send before start") }
      var results = [Result<RedisReply, RedisFailure>?](repeating: nil, count: commands.count)
      var missing = commands.count
      for (index, command) in commands.enumerated() {
        client.send(command) { result in
          precondition(results[index] == nil, "a command was answered twice")
          results[index] = result
          missing -= 1
          if missing == 0 { continuation.resume(returning: results.compactMap { $0 }) }
        }
      }
    }
  }

  func run(
    _ script: RedisScript, keys: [RedisArgument] = [], arguments: [RedisArgument] = []
  ) async -> Result<RedisReply, RedisFailure> {
    await withCheckedContinuation { continuation in
      guard let client else { preconditionFailure("RedisDriver.run before start") }
      client.run(script, keys: keys, arguments: arguments) { continuation.resume(returning: $0) }
    }
  }

  // MARK: Events

  /// Waits for an event that was not awaited yet; those before it count as awaited.
  func event(where isWanted: @escaping @Sendable (RedisEvent) -> Bool) async {
    let timer = loop.reactor.makeTimer { [self] in fatalError("half a minute without the event; instead: \(events)") }
    timer.arm(after: .seconds(30))
    defer { timer.invalidate() }
    await withCheckedContinuation { continuation in
      waiters.append((isWanted, continuation))
      answerWaiters()
    }
  }

  func available() async {
    await event { if case .available = $0 { true } else { false } }
  }

  func unavailable(_ kind: RedisFailure.Kind) async {
    await event { if case .unavailable(let failure, _) = $0 { failure.kind == kind } else { false } }
  }

  func dataLost() async {
    await event { if case .dataLost = $0 { true } else { false } }
  }

  private func note(_ event: RedisEvent) {
    events.append(event)
    answerWaiters()
  }

  private func answerWaiters() {
    while let waiter = waiters.first, let index = events[seen...].firstIndex(where: waiter.isWanted) {
      seen = index + 1
      waiters.removeFirst()
      waiter.continuation.resume()
    }
  }
}

extension RedisEvent {
  /// Short form for comparisons.
  var text: String {
    switch self {
    case .available: "available"
    case .unavailable(let failure, _): failure.kind.rawValue
    case .dataLost: "dataLost"
    }
  }
}
