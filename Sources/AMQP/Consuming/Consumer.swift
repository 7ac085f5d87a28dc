/// A consumer of one queue, or of several over the same channel, with manual acknowledgement.
///
/// Deliveries carry their connection's epoch, so settling one after its connection was lost does nothing: the broker
/// delivers it again, and an acknowledgement would hit another message.
///
/// Isolation: not `Sendable`; belongs to its link's loop.
public final class Consumer {
  /// How a delivery ends.
  public enum Settlement: Sendable, Hashable {
    /// Done; the broker forgets the message.
    case ack
    /// Failed for good; the broker dead-letters the message.
    case reject
    /// Not done; the broker gives the message to somebody else.
    case giveBack
  }

  /// Called for each delivery.
  public var onDelivery: (Delivery) -> Void = { _ in }
  /// Called when the link's connection is lost: deliveries of that epoch can no longer be settled.
  public var onLost: () -> Void = {}
  /// Deliveries that are not settled.
  public var outstanding: Int { ledger.outstanding }
  /// Whether the broker delivers to this consumer now.
  public private(set) var isConsuming = false

  private let link: Link
  private var queue: String
  private let otherQueues: [String]
  private let prefetch: UInt16
  private let consumerTag: String
  private let acknowledges: Bool
  private var ledger = DeliveryLedger()

  /// A consumer that is idle until `start` is called on an open link. Without `acknowledges` every delivery counts as
  /// settled when it is sent, as direct reply-to demands. `otherQueues` are consumed beside the first, each with a prefetch
  /// of its own: a full queue takes no room from another.
  public init(
    link: Link, queue: String = "", otherQueues: [String] = [], prefetch: UInt16, consumerTag: String,
    acknowledges: Bool = true
  ) {
    self.link = link
    self.queue = queue
    self.otherQueues = otherQueues
    self.prefetch = prefetch
    self.consumerTag = consumerTag
    self.acknowledges = acknowledges
    link.attach(self)
  }

  /// Sets the prefetch and begins to consume; `queue` and `prefetch` replace those of the initialiser. Call it once after
  /// each `connected` event of the link: some brokers fail when a quorum queue is consumed again on the channel of a
  /// cancelled consumer.
  public func start(
    queue: String? = nil, prefetch: UInt16? = nil, _ completion: @escaping (Result<Void, ConnectionFailure>) -> Void
  ) {
    self.queue = queue ?? self.queue
    // The broker counts the prefetch for each consumer that begins after it was set.
    link.request(.qos(prefetch: prefetch ?? self.prefetch)) { [self] result in
      guard case .success = result else { return completion(result.map { _ in }) }
      consume([self.queue] + otherQueues, completion)
    }
  }

  /// Which of its queues a delivery comes from: 0 for the first, then the others in their order.
  public func queueIndex(of envelope: DeliveryEnvelope) -> Int {
    guard !otherQueues.isEmpty, envelope.consumerTag.utf8.count > consumerTag.utf8.count else { return 0 }
    let index = Int(envelope.consumerTag.dropFirst(consumerTag.count + 1)) ?? 0
    return index <= otherQueues.count ? max(0, index) : 0
  }

  private func tag(of index: Int) -> String { index == 0 ? consumerTag : "\(consumerTag).\(index)" }

  private func consume(_ queues: [String], _ completion: @escaping (Result<Void, ConnectionFailure>) -> Void) {
    askForEach(
      queues.count,
      completion: { [self] result in
        if case .success = result { isConsuming = true }
        completion(result)
      }
    ) { [self] index in
      .consume(queue: queues[index], consumerTag: tag(of: index), noAck: !acknowledges)
    }
  }

  /// Sends a request for each queue; completes once, after the last answer or the first failure.
  private func askForEach(
    _ count: Int, completion: @escaping (Result<Void, ConnectionFailure>) -> Void,
    _ request: (Int) -> BrokerRequest
  ) {
    var remaining = count
    for index in 0..<count {
      link.request(request(index)) { result in
        guard remaining > 0 else { return }
        if case .failure(let failure) = result {
          remaining = 0
          return completion(.failure(failure))
        }
        remaining -= 1
        if remaining == 0 { completion(.success(())) }
      }
    }
  }

  /// Reads nothing more from the broker until `resumeReading`: what is in work takes all the memory that it may.
  public func pauseReading() {
    link.setReading(false)
  }

  /// Reads again.
  public func resumeReading() {
    link.setReading(true)
  }

  /// Stops new deliveries; those under way can still be settled.
  public func cancel(_ completion: @escaping (Result<Void, ConnectionFailure>) -> Void) {
    guard isConsuming else { return completion(.success(())) }
    isConsuming = false
    askForEach(otherQueues.count + 1, completion: completion) { .cancel(consumerTag: tag(of: $0)) }
  }

  /// Settles a delivery. False when it is not outstanding any more, because its connection was lost or it was settled
  /// before; nothing is sent then.
  @discardableResult
  public func settle(_ id: DeliveryID, _ settlement: Settlement) -> Bool {
    guard id.epoch == link.epoch, let session = link.session, session.state == .open else { return false }
    switch settlement {
    case .ack: return ledger.ack(id.tag)
    case .reject:
      guard ledger.settleAtOnce(id.tag) else { return false }
      session.reject(tag: id.tag)
    case .giveBack:
      guard ledger.settleAtOnce(id.tag) else { return false }
      session.giveBack(tag: id.tag)
    }
    return true
  }
}

extension Consumer: LinkObserver {
  func linkClosed(_ failure: ConnectionFailure) {
    ledger = DeliveryLedger()
    isConsuming = false
    onLost()
  }

  func received(_ delivery: Delivery) {
    guard acknowledges else { return onDelivery(delivery) }
    guard ledger.deliver(delivery.id.tag) else {
      return link.fail(.init(.protocolViolation, "the broker numbered a delivery out of order"))
    }
    onDelivery(delivery)
  }

  func beforeSending() {
    ledger.flush { tag, multiple in link.session?.ack(tag: tag, multiple: multiple) }
  }

  func confirmed(tag: UInt64, multiple: Bool, accepted: Bool) {}
  func returned(_ reason: ReturnReason, messageID: String?) {}
  func blockedChanged(_ isBlocked: Bool) {}
}
