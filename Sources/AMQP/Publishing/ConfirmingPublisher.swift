internal import EventLoop

/// Publishes messages and tells what became of each, once the broker knows.
///
/// A message whose confirm was lost with its connection is published again on the next one, with the same properties:
/// a duplicate is possible, a loss is not. While there is no connection, or the broker reads nothing, messages wait
/// here; callers bound their number by their prefetch.
///
/// A message for which the broker closes the channel, because its exchange is missing or closed to us for example, is
/// `unsendable` and hurts no other: when several were unconfirmed, they are published again one at a time until the
/// broker has named the one. So is a message over which the broker breaks down, once it has done so twice.
///
/// Isolation: not `Sendable`; belongs to its link's loop.
public final class ConfirmingPublisher {
  /// Called when a message is settled.
  public typealias Completion = (PublishOutcome) -> Void

  /// Messages whose fate is unknown, waiting ones included.
  public private(set) var unsettled = 0

  /// Messages that were not sent yet, oldest first.
  var unsent: [OutgoingMessage] { waiting.map(\.message) }

  private let link: Link
  private var pending = SequenceRing<Entry>()
  private var waiting: [Entry] = []
  /// How many messages, oldest first, may be the one for which the broker closed the channel or broke down.
  private var suspects = 0
  private var isReady = false
  private var confirmTimer: LoopTimer?
  /// The oldest unconfirmed message when the timer was armed; nil while it is not.
  private var awaitedConfirm: UInt64?

  private struct Entry {
    var message: OutgoingMessage
    var receiver: Receiver
    var returned: ReturnReason?
    /// How often the broker broke down while the message was unconfirmed.
    var breakdowns = 0

    func tell(_ outcome: PublishOutcome) { receiver.tell(outcome, of: message) }
  }

  /// Who is told what became of a message.
  private enum Receiver {
    case completion(Completion)
    case observer(any PublishObserver, tag: UInt8)

    func tell(_ outcome: PublishOutcome, of message: OutgoingMessage) {
      switch self {
      case .completion(let completion): completion(outcome)
      case .observer(let observer, let tag): observer.settled(message, tag: tag, outcome)
      }
    }
  }

  /// A publisher that sends once `start` was called on an open link.
  public init(link: Link) {
    self.link = link
    link.attach(self)
    confirmTimer = link.reactor.makeTimer { [unowned self] in confirmIsDue() }
  }

  deinit {
    confirmTimer?.invalidate()
  }

  /// Switches confirms on and sends what waits. Call it after each `connected` event of the link.
  public func start(_ completion: @escaping (Result<Void, ConnectionFailure>) -> Void) {
    link.request(.confirmSelect) { [self] result in
      if case .success = result {
        isReady = true
        sendWaiting()
      }
      completion(result.map { _ in })
    }
  }

  /// Publishes a message; `completion` is called exactly once.
  public func publish(_ message: OutgoingMessage, _ completion: @escaping Completion) {
    publish(message, .completion(completion))
  }

  /// Publishes a message; `observer` is kept and told exactly once what became of it.
  public func publish(_ message: OutgoingMessage, tag: UInt8, to observer: any PublishObserver) {
    publish(message, .observer(observer, tag: tag))
  }

  private func publish(_ message: OutgoingMessage, _ receiver: Receiver) {
    if let defect = message.defect { return receiver.tell(.unsendable(defect), of: message) }
    publishUnchecked(message, receiver)
  }

  /// `publish` for a message whose limits the caller knows to be kept.
  func publishUnchecked(_ message: OutgoingMessage, _ completion: @escaping Completion) {
    publishUnchecked(message, .completion(completion))
  }

  private func publishUnchecked(_ message: OutgoingMessage, _ receiver: Receiver) {
    unsettled += 1
    let entry = Entry(message: message, receiver: receiver, returned: nil)
    guard canSend, suspects == 0, waiting.isEmpty else { return waiting.append(entry) }
    send(entry)
  }

  /// Whether messages can go out now. A request that fails with its connection may be told before this publisher is.
  private var canSend: Bool { isReady && link.isOpen && !link.isBlocked }

  /// Forgets messages whose fate is unknown instead of publishing them again; their completions are never called.
  public func abandonUnsettled() {
    pending = SequenceRing(startingAt: pending.nextSequence)
    waiting.removeAll()
    suspects = 0
    unsettled = 0
  }

  private func send(_ entry: consuming Entry) {
    link.session?.publish(entry.message)
    pending.append(entry)
    if awaitedConfirm == nil { awaitConfirm() }
  }

  private func awaitConfirm() {
    awaitedConfirm = pending.firstSequence
    confirmTimer?.arm(after: link.options.confirmTimeout)
  }

  /// A broker that confirms nothing for so long may have lost the messages; a new connection tells.
  private func confirmIsDue() {
    let awaited = awaitedConfirm
    awaitedConfirm = nil
    guard isReady, pending.first != nil else { return }
    guard awaited == pending.firstSequence, !link.isBlocked else { return awaitConfirm() }
    link.fail(.init(.connectionLost, "the broker confirmed no message for \(link.options.confirmTimeout)"))
  }

  private func sendWaiting() {
    guard canSend, !waiting.isEmpty else { return }
    if suspects > 0 {
      if pending.first == nil { send(waiting.removeFirst()) }
      return
    }
    let entries = waiting
    waiting.removeAll()
    for entry in entries { send(entry) }
  }

  private func settle(_ sequence: UInt64, accepted: Bool) {
    guard let entry = pending.take(sequence) else { return }
    unsettled -= 1
    if suspects > 0 { suspects -= 1 }
    if let reason = entry.returned {
      entry.tell(.returned(reason))
    } else {
      entry.tell(accepted ? .confirmed : .refused)
    }
  }
}

extension ConfirmingPublisher: LinkObserver {
  func linkClosed(_ failure: ConnectionFailure) {
    isReady = false
    awaitedConfirm = nil
    confirmTimer?.disarm()
    var unconfirmed: [Entry] = []
    for sequence in pending.firstSequence..<pending.nextSequence {
      guard var entry = pending[sequence] else { continue }
      entry.returned = nil
      if failure.isBreakdown { entry.breakdowns += 1 }
      unconfirmed.append(entry)
    }
    pending = SequenceRing()
    let culprit = removeCulprit(from: &unconfirmed, failure)
    waiting = unconfirmed + waiting
    guard let culprit else { return }
    unsettled -= 1
    culprit.tell(.unsendable("the broker refused it: \(failure.detail)"))
  }

  /// Takes out the message that is to blame for the failure, if that is certain; else notes who may be.
  private func removeCulprit(from unconfirmed: inout [Entry], _ failure: ConnectionFailure) -> Entry? {
    guard failure.blamesPublish || failure.isBreakdown else { return nil }
    guard unconfirmed.count == 1, failure.blamesPublish || unconfirmed[0].breakdowns > 1 else {
      suspects = unconfirmed.count
      return nil
    }
    suspects = max(suspects - 1, 0)
    return unconfirmed.removeFirst()
  }

  func confirmed(tag: UInt64, multiple: Bool, accepted: Bool) {
    let first = multiple ? pending.firstSequence : tag
    guard first <= tag, tag < pending.nextSequence else { return }
    for sequence in first...tag { settle(sequence, accepted: accepted) }
    pending.trimFront()
    sendWaiting()
  }

  /// A return names no sequence; it comes before its confirm and carries the message's own names.
  func returned(_ reason: ReturnReason, messageID: String?) {
    for sequence in pending.firstSequence..<pending.nextSequence {
      guard let entry = pending[sequence], entry.returned == nil, entry.message.isMandatory,
        entry.message.exchange == reason.exchange, entry.message.routingKey == reason.routingKey,
        entry.message.properties.messageID == messageID
      else { continue }
      pending[sequence]?.returned = reason
      return
    }
  }

  func blockedChanged(_ isBlocked: Bool) {
    sendWaiting()
  }

  func received(_ delivery: Delivery) {}
  func beforeSending() {}
}
