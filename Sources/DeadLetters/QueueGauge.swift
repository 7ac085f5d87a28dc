internal import AMQP
internal import EventLoop

/// Reads how full queues are, again and again, over one connection. It takes nothing out of them and needs no lock.
///
/// Isolation: safe to call from any task, by one at a time; work runs on a loop of its own.
public actor QueueGauge {
  private nonisolated let loop: EventLoop
  /// The gauge's own loop, as the actor's executor.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  private let endpoints: [BrokerEndpoint]
  private let options: DeskOptions
  private var link: DeskLink?
  /// Queues that the broker did not have, and how many readings they are left out for.
  private var missing: [String: Int] = [:]

  /// What the broker calls itself, with its version; nil until it was reached.
  public private(set) var brokerVersion: String?

  private static let readingsWithoutMissing = 30

  /// A gauge for the broker at the first reachable of these addresses. Nothing is connected yet.
  public init(urls: [String], options: DeskOptions = DeskOptions()) throws(DeadLetterError) {
    endpoints = try DeadLetterDesk.endpoints(urls)
    self.options = options
    do throws(EventLoopError) {
      loop = try EventLoop(name: "queue-gauge")
    } catch {
      throw .brokerUnreachable(error.description)
    }
  }

  /// Closes the connection and ends the gauge's thread. Call it last.
  public func close() async {
    await link?.close()
    link = nil
    loop.stop()
  }

  /// The depths of those of the queues that exist. A queue that does not costs a connection, so it is left out for a
  /// while.
  public func depths(of queues: [String]) async throws(DeadLetterError) -> [String: QueueDepth] {
    missing = missing.compactMapValues { $0 > 1 ? $0 - 1 : nil }
    var depths: [String: QueueDepth] = [:]
    for queue in queues where missing[queue] == nil {
      let link = try await openLink()
      do throws(DeadLetterError) {
        let status = try await link.status(of: queue)
        depths[queue] = QueueDepth(waiting: Int(status.messageCount), consumers: Int(status.consumerCount))
      } catch {
        self.link = nil
        await link.close()
        guard case .refused = error else { throw error }
        missing[queue] = Self.readingsWithoutMissing
      }
    }
    return depths
  }

  private func openLink() async throws(DeadLetterError) -> DeskLink {
    if let link, link.failure == nil { return link }
    var connection = ConnectionOptions(
      connectionName: "ocr-relay console (depths)", heartbeat: options.heartbeat,
      connectTimeout: options.connectTimeout, bodyLimit: 1 << 16)
    connection.tls = options.tls
    let fresh = DeskLink(endpoints: endpoints, options: connection, reactor: loop.reactor)
    try await fresh.open()
    brokerVersion = fresh.link.brokerVersion
    link = fresh
    return fresh
  }
}
