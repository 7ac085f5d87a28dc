import EventLoop
import TestSupport

@testable import RedisStore

/// A subscriber on a loop of its own, for tests that call from anywhere.
actor SubscriberDriver {
  nonisolated let loop: EventLoop
  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  private let endpoint: RedisEndpoint
  private let options: RedisOptions
  private var subscriber: RedisSubscriber?
  private(set) var messages: [String] = []
  private(set) var timesListening = 0
  private var waiters: [(isDone: @Sendable (Int, Int) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []

  init(_ endpoint: RedisEndpoint, _ options: RedisOptions = RedisDriver.options()) throws {
    loop = try EventLoop(name: "subscriber")
    self.endpoint = endpoint
    self.options = options
  }

  deinit { loop.stop() }

  func start(_ channel: String) {
    let subscriber = RedisSubscriber(
      endpoint: endpoint, options: options, channel: channel, reactor: loop.reactor, pool: BufferPool())
    subscriber.onMessage = { [self] message in
      messages.append(String(decoding: message, as: UTF8.self))
      changed()
    }
    subscriber.onListening = { [self] in
      timesListening += 1
      changed()
    }
    self.subscriber = subscriber
    subscriber.start()
  }

  func stop() {
    subscriber?.stop()
    subscriber = nil
  }

  var trouble: RedisFailure? { subscriber?.trouble }

  /// Waits until so many messages have come, and the channel was listened to so many times.
  func reach(messages: Int = 0, listening: Int = 0) async {
    let timer = loop.reactor.makeTimer { [self] in
      fatalError("half a minute without it; instead: \(messages), \(timesListening) times")
    }
    timer.arm(after: .seconds(30))
    defer { timer.invalidate() }
    await withCheckedContinuation { continuation in
      waiters.append(({ $0 >= messages && $1 >= listening }, continuation))
      changed()
    }
  }

  private func changed() {
    let done = waiters.filter { $0.isDone(messages.count, timesListening) }
    waiters.removeAll { $0.isDone(messages.count, timesListening) }
    for waiter in done { waiter.continuation.resume() }
  }
}
