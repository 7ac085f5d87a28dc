internal import EventLoop

/// The connections without a call: open ones wait for the next call, of closed ones the handles do.
///
/// Isolation: belongs to its client.
final class ConnectionPool {
  /// Makes connections; all of them stay in it.
  let multiHandle: MultiHandle
  /// What is received goes here first.
  let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 10, alignment: 16)

  private let reactor: Reactor
  private let configuration: HTTPClientConfiguration
  private unowned let client: HTTPClient
  /// The one that was used last at the end.
  private var idle: [Connection] = []
  /// Closed ones: libcurl keeps TLS sessions in them.
  private var spare: [Connection] = []

  /// A connection that was not idle for a while is asked whether its server is still there.
  private static let trustedIdleTime = Duration.milliseconds(100)

  /// One handle is made at once, so that an option which this libcurl does not know is found now.
  init(client: HTTPClient, multiHandle: MultiHandle) throws(HTTPClientError) {
    self.client = client
    self.multiHandle = multiHandle
    reactor = client.reactor
    configuration = client.configuration
    spare.append(try Connection(client: client, connections: multiHandle))
  }

  deinit {
    scratch.deallocate()
  }

  /// The open connection to this origin that was used last.
  func takeIdle(to origin: String) -> Connection? {
    while let index = idle.lastIndex(where: { $0.origin == origin }) {
      let connection = idle.remove(at: index)
      if isUsable(connection) { return connection }
      close(connection)
      rest(connection)
    }
    return nil
  }

  /// A closed connection; the oldest idle one makes room for it when there are as many as allowed, `running` counted.
  func takeClosed(running: Int) -> Connection? {
    if running + idle.count >= configuration.maximumConnections, !idle.isEmpty {
      let oldest = idle.removeFirst()
      close(oldest)
      rest(oldest)
    }
    return spare.popLast() ?? (try? Connection(client: client, connections: multiHandle))
  }

  /// Takes a connection without a call back: open for the next one, or closed.
  func rest(_ connection: Connection) {
    if connection.isOpen { idle.append(connection) } else { spare.append(connection) }
  }

  /// Closes a connection that was taken.
  func close(_ connection: Connection) {
    connection.close(multiHandle, on: reactor)
  }

  /// Something came from a connection without a call. Only TLS has anything to say then.
  func idleSpoke(_ connection: Connection) {
    guard !isSilent(connection), let index = idle.firstIndex(where: { $0 === connection }) else { return }
    idle.remove(at: index)
    close(connection)
    rest(connection)
  }

  /// Closes all of them, and those with a call, which are given. Nothing may be taken afterwards.
  func closeAll(_ running: [Connection]) {
    for connection in running + idle { close(connection) }
    idle.removeAll()
    multiHandle.close()
    spare.removeAll()
  }

  private func isUsable(_ connection: Connection) -> Bool {
    let idleTime = reactor.now - connection.idleSince
    guard idleTime <= configuration.connectionIdleLimit else { return false }
    guard reactor.now - connection.openedAt <= configuration.connectionLifetime else { return false }
    return idleTime <= Self.trustedIdleTime || isSilent(connection)
  }

  /// Whether an idle connection has nothing to say, not even that it has ended.
  private func isSilent(_ connection: Connection) -> Bool {
    do throws(ConnectionFailure) {
      return try connection.receive(into: scratch) == nil
    } catch {
      return false
    }
  }
}
