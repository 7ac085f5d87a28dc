internal import HTTPTransport
import RelayCore

extension ConfigurationLoader {
  /// Finds values that are right by themselves and wrong together.
  mutating func check() {
    checkBroker()
    checkLanes()
    checkAddresses()
    checkCredentials()
    checkSharedState()
    checkTraces()
  }

  mutating func checkBroker() {
    let amqp = configuration.amqp
    if amqp.reconnectMinimum > amqp.reconnectMaximum {
      complain("amqp.reconnect_min_seconds", "is longer than amqp.reconnect_max_seconds")
    }
    if (amqp.certificateFile == nil) != (amqp.keyFile == nil) {
      let (present, absent) =
        amqp.keyFile == nil
        ? ("amqp.certificate_file", "amqp.key_file") : ("amqp.key_file", "amqp.certificate_file")
      complain(present, "needs \(absent) too")
    }
    let isEncrypted = amqp.urls.allSatisfy { $0.reveal().hasPrefix("amqps://") }
    if !isEncrypted, amqp.certificateFile != nil {
      complain("amqp.certificate_file", "has no effect on an amqp:// address; write amqps:// in amqp.url")
    }
    if !isEncrypted, amqp.caFile != nil {
      complain("amqp.ca_file", "has no effect on an amqp:// address; write amqps:// in amqp.url")
    }
  }

  private mutating func checkLanes() {
    let amqp = configuration.amqp
    let names = amqp.lanes.map(\.name)
    if !names.isEmpty, !names.contains(amqp.queue) {
      complain("amqp.lanes", "lacks \(amqp.queue), which is amqp.queue")
    }
    if Set(names).count < names.count { complain("amqp.lanes", "names a queue twice") }
    if names.count > Self.mostLanes { complain("amqp.lanes", "names more than \(Self.mostLanes) queues") }
    if let overflow = amqp.overflowQueue, overflow == amqp.queue || names.contains(overflow) {
      complain("amqp.overflow_queue", "must be a queue of its own")
    }
  }

  private static let mostLanes = 16

  private mutating func checkAddresses() {
    let backend = configuration.backend
    if backend.connectTimeout > backend.totalTimeout {
      complain("backend.connect_timeout_seconds", "is longer than backend.total_timeout_seconds")
    }
    for (key, text) in [("backend.endpoint", backend.endpoint), ("auth.endpoint", configuration.auth.endpoint)] {
      guard let text, let address = ServiceAddress(text), !backend.allowsPlainHTTP else { continue }
      if !address.isEncrypted, !address.isLoopback {
        complain(
          key,
          "is not encrypted: tokens and images would travel unprotected. Write https://, "
            + "or set backend.allow_plain_http to true")
      }
    }
  }

  private mutating func checkCredentials() {
    let auth = configuration.auth
    switch auth.kind {
    case .iamPassword:
      need("auth.username", auth.username)
      needSecret("auth.password", auth.password)
    case .accessKey:
      needSecret("auth.access_key", auth.accessKey)
      needSecret("auth.secret_key", auth.secretKey)
      needProject()
    case .appSecret:
      need("auth.endpoint", auth.endpoint ?? "")
      need("auth.app_id", auth.appID)
      needSecret("auth.app_secret", auth.appSecret)
      needProject()
    case .bearer:
      needSecret("auth.bearer_key", auth.bearerKey)
      needProject()
    }
    for (key, secret) in auth.secrets where !secret.isEmpty {
      if let problem = SecretCheck.problem(of: secret.reveal(), for: key) { complain(key, problem) }
    }
  }

  private mutating func checkTraces() {
    let traces = configuration.traces
    guard let headers = traces.headers else {
      return complain("traces.otlp_headers", "is not written as name=value, with commas between several")
    }
    if !headers.isEmpty, (try? HTTPHeaders(headers)) == nil {
      complain("traces.otlp_headers", "holds a name or value that no header may have")
    }
    guard let address = traces.otlpEndpoint.flatMap({ ServiceAddress($0) }) else { return }
    if !headers.isEmpty, !address.isEncrypted, !address.isLoopback {
      complain("traces.otlp_endpoint", "is not encrypted: traces.otlp_headers would travel unprotected. Write https://")
    }
  }

  private mutating func need(_ key: String, _ value: String) {
    if value.isEmpty { complain(key, "is not set; put it into the file or into \(variable(key))") }
  }

  private mutating func needSecret(_ key: String, _ value: Secret) {
    if value.isEmpty {
      complain(key, "is not set; put it into \(variable(key)), or its file's name into \(variable(key))_FILE")
    }
  }

  /// Only a token of IAM tells its project.
  private mutating func needProject() {
    if configuration.backend.projectID == nil {
      complain(
        "backend.project_id",
        "is not set; with auth.kind \(configuration.auth.kind.rawValue) nothing else tells the project of the calls")
    }
  }

  mutating func complain(_ key: String, _ message: String) {
    let wasRefused = problems.contains { $0.message.hasPrefix(key + ":") }
    if !wasRefused { report(origins[key] ?? .nowhere, "\(key) \(message)") }
  }

  private func variable(_ key: String) -> String {
    RelayConfiguration.settings.first { $0.key == key }?.variable ?? key
  }
}
