internal import SocketTransport

extension ConnectionFailure {
  /// What happened to the socket, in the words of an AMQP connection.
  init(_ failure: SocketFailure) {
    let kind: Kind =
      switch failure.kind {
      case .unresolved: .unresolved
      case .unreachable: .unreachable
      case .tls: .tls
      case .connectionLost: .connectionLost
      }
    self.init(kind, failure.detail)
  }
}
