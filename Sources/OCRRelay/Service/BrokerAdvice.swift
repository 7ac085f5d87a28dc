internal import AMQP

/// What an operator can do about a failed connection to the broker.
enum BrokerAdvice {
  static func text(for failure: ConnectionFailure) -> String {
    switch failure.kind {
    case .unresolved: "check the host name in amqp.url and the name server"
    case .unreachable: "check that the broker runs and that host and port in amqp.url are right"
    case .connectTimeout: "check the network and firewalls between here and the broker"
    case .tls:
      "check that the port speaks TLS, and the certificates: amqp.ca_file, amqp.certificate_file, amqp.key_file"
    case .accessRefused: "check user and password in amqp.url"
    case .virtualHost: "check the virtual host in amqp.url and the user's permissions on it"
    case .closedByBroker where failure.replyCode == 406:
      "a queue or exchange exists with other arguments: delete it, or set amqp.topology to verify or off"
    case .closedByBroker where failure.replyCode == 404:
      "a queue or exchange is missing: set amqp.topology to apply, or have it declared"
    case .closedByBroker where failure.replyCode == 403: "give the user the missing permission"
    case .protocolViolation: "check that the port in amqp.url speaks AMQP 0-9-1"
    case .closedByBroker, .connectionLost, .heartbeatTimeout, .closedByUs: "nothing; the relay connects again by itself"
    }
  }
}
