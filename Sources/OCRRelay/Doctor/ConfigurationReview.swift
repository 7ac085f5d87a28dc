internal import AMQP

/// What is allowed in a configuration and worth a second thought. Pure.
enum ConfigurationReview {
  private static let area = "configuration"

  static func findings(
    _ configuration: RelayConfiguration, origins: [String: ConfigurationProblem.Place]
  ) -> [Finding] {
    let count = origins.count
    return [Finding(area, "settings", .ok, "\(count) set, the rest are defaults; `ocr-relay check-config` shows them")]
      + broker(configuration) + replies(configuration) + ports(configuration) + budget(configuration)
  }

  private static func broker(_ configuration: RelayConfiguration) -> [Finding] {
    guard let endpoints = try? configuration.brokerEndpoints() else {
      return [Finding(area, "amqp.url", .fail, "cannot be read", advice: "write amqps://user:password@host/vhost")]
    }
    var findings: [Finding] = []
    let isRemote = endpoints.contains { !$0.usesTLS && !isLoopback($0.host) }
    if isRemote {
      findings.append(
        Finding(
          area, "amqp.url", .warn, "requests, answers and the password travel unprotected", advice: "use amqps://"))
    }
    if endpoints.contains(where: { $0.user == "guest" && !isLoopback($0.host) }) {
      findings.append(
        Finding(area, "amqp.url", .warn, "the user is guest", advice: "make a user for the relay with only its rights"))
    }
    return findings
  }

  private static func replies(_ configuration: RelayConfiguration) -> [Finding] {
    let open = configuration.replies.allow.filter { $0 == "*" || $0 == "*/*" || $0 == "/*" }
    guard let pattern = open.first else { return [] }
    return [
      Finding(
        area, "replies.allow", .warn, "\(pattern) lets every publisher write into every queue through the relay",
        advice: "name the queues, for example ocr.reply.{user_id}.*")
    ]
  }

  private static func ports(_ configuration: RelayConfiguration) -> [Finding] {
    guard let listen = configuration.http.listen else {
      return [
        Finding(
          area, "http.listen", .warn, "no port for health checks and metrics",
          advice: "set it, for example to 127.0.0.1:8080, and let Prometheus look")
      ]
    }
    return [Finding(area, "http.listen", .ok, listen)]
  }

  private static func budget(_ configuration: RelayConfiguration) -> [Finding] {
    guard configuration.limits.bodyBytes > configuration.bytesInWorkOfLoop else { return [] }
    return [
      Finding(
        area, "limits.bytes_in_work", .warn,
        "has less room for a loop than limits.body_bytes: large requests are taken one by one",
        advice: "raise it to a few times limits.body_bytes, for each loop of process.loops")
    ]
  }

  private static func isLoopback(_ host: String) -> Bool {
    host == "localhost" || host == "::1" || host.hasPrefix("127.")
  }
}
