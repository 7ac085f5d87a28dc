internal import AMQP
internal import EventLoop
internal import Logging
internal import RelayCore

/// Checks that direct reply-to addresses still exist, by declaring them passively over a connection of its own: the broker
/// closes the channel for one that does not, which must not hit the channels that work.
///
/// A check that cannot be made counts as passed, because it only saves money.
///
/// Isolation: not `Sendable`; belongs to its pipeline's loop. The connection is opened for the first check.
final class RequesterProbe {
  private let link: Link
  private let logger: Logger
  private var known = KnownRequesters()
  private let reactor: Reactor
  private var waiting: [String: [(Bool) -> Void]] = [:]
  /// Names that wait for the connection.
  private var unasked: [String] = []
  /// Whether the end of this connection was put down to a name already; the others that it took along are asked again.
  private var hasBlamed = false
  private var timer: LoopTimer?
  private var onStopped: (() -> Void)?

  /// Longer than any broker that works needs.
  private static let patience = Duration.seconds(2)

  init(link: Link, reactor: Reactor, logger: Logger) {
    self.link = link
    self.reactor = reactor
    self.logger = logger
    link.onEvent = { [unowned self] in handle($0) }
    timer = reactor.makeTimer { [unowned self] in giveUpWaiting() }
  }

  /// Calls `completion` with false when nobody listens at the address any more; once, at once or soon.
  func check(_ name: String, _ completion: @escaping (Bool) -> Void) {
    if let isThere = known.find(name, now: now) { return completion(isThere) }
    guard waiting[name] == nil else {
      waiting[name]?.append(completion)
      return
    }
    if waiting.isEmpty { timer?.arm(after: Self.patience) }
    waiting[name] = [completion]
    unasked.append(name)
    link.startIfNeeded()
    askAll()
  }

  /// Closes the connection; `completion` is called when it is closed.
  func stop(_ completion: @escaping () -> Void) {
    timer?.invalidate()
    timer = nil
    onStopped = completion
    link.stop()
  }

  private var now: Duration { .nanoseconds(reactor.now.nanoseconds) }

  private func askAll() {
    guard link.isOpen else { return }
    let names = unasked
    unasked.removeAll()
    for name in names {
      link.request(.declareQueue(.init(name, passive: true))) { [self] result in
        answered(name, result)
      }
    }
  }

  private func answered(_ name: String, _ result: Result<BrokerReply, ConnectionFailure>) {
    let answer = Self.answer(result)
    if answer.isAboutAnAddress {
      // The broker answers in order, so the first one that fails is the one that is missing.
      if hasBlamed { return unasked.append(name) }
      hasBlamed = true
    }
    settle(name, answer)
  }

  private static func answer(_ result: Result<BrokerReply, ConnectionFailure>)
    -> KnownRequesters.Answer
  {
    switch result {
    case .success: .found
    case .failure(let failure): answer(failure)
    }
  }

  private static func answer(_ failure: ConnectionFailure) -> KnownRequesters.Answer {
    switch failure.replyCode {
    case 404: .notFound
    case 541: .breakdown
    default: .none
    }
  }

  private func settle(_ name: String, _ answer: KnownRequesters.Answer) {
    switch known.judge(name, answer, now: now) {
    case .isThere, .unknown: finish(name, isThere: true)
    case .isGone: finish(name, isThere: false)
    case .askAgain: unasked.append(name)
    }
  }

  private func finish(_ name: String, isThere: Bool) {
    let completions = waiting.removeValue(forKey: name) ?? []
    if waiting.isEmpty { timer?.disarm() }
    for completion in completions { completion(isThere) }
  }

  private func giveUpWaiting() {
    unasked.removeAll()
    for name in Array(waiting.keys) { settle(name, .none) }
  }

  private func handle(_ event: LinkEvent) {
    switch event {
    case .connected:
      hasBlamed = false
      link.markUsable()
      askAll()
    case .disconnected(let failure, _, _):
      guard !Self.answer(failure).isAboutAnAddress else { return }
      logger.debug(
        "no connection for checks of reply addresses", metadata: ["reason": "\(failure)"])
      giveUpWaiting()
    case .stopped:
      onStopped?()
      onStopped = nil
    case .blocked, .unblocked: break
    }
  }
}

extension KnownRequesters.Answer {
  /// Whether the connection ended over one of the addresses.
  fileprivate var isAboutAnAddress: Bool {
    switch self {
    case .notFound, .breakdown: true
    case .found, .none: false
    }
  }
}
