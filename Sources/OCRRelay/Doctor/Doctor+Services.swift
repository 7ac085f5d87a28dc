internal import EventLoop
internal import HTTPTransport
internal import HuaweiCloud

extension Doctor {
  private static let area = "service"

  /// What came of a call without a token.
  enum ServiceAnswer: Sendable {
    case answered(status: Int, date: String?)
    case failed(HTTPFailure)
  }

  /// The way to the OCR service and to the identity service: name, TCP, TLS, and the clock.
  func services() async -> [Finding] {
    let pool = BufferPool()
    do throws(HTTPClientError) {
      let client = try HTTPClient(reactor: loop.reactor, pool: pool, configuration: configuration.httpClient)
      defer { client.shutdown() }
      var findings: [Finding] = []
      for (name, address, key) in [
        ("OCR service", configuration.backendEndpoint, "backend.endpoint"),
        ("identity service", configuration.authEndpoint, "auth.endpoint"),
      ] {
        let answer = try await ask(address, client)
        findings += Self.findings(name, address: address, key: key, answer, now: WallClock.milliseconds() / 1_000)
      }
      return findings
    } catch {
      return [Finding(Self.area, "HTTP client", .fail, "\(error)", advice: "mend the setting that it names")]
    }
  }

  private func ask(_ address: String, _ client: HTTPClient) async throws(HTTPClientError) -> ServiceAnswer {
    let request = HTTPRequest(
      target: try HTTPTarget(address + "/"), method: .get, headers: try HTTPHeaders(),
      timeout: configuration.backend.connectTimeout + configuration.auth.timeout)
    return await withCheckedContinuation { continuation in
      client.start(request) { result in
        let answer: ServiceAnswer =
          switch result {
          case .success(let response): .answered(status: response.status, date: response.headers["Date"])
          case .failure(let failure): .failed(failure)
          }
        continuation.resume(returning: answer)
      }
    }
  }

  /// What an answer means; any status is a good one here, as nothing was asked for.
  static func findings(
    _ name: String, address: String, key: String, _ answer: ServiceAnswer, now: Int64
  ) -> [Finding] {
    switch answer {
    case .failed(let failure):
      let reason = "\(address): \(failure.detail)"
      return [Finding(area, name, .fail, reason, advice: advice(for: failure.kind, key: key))]
    case .answered(let status, let date):
      let reached = Finding(area, name, .ok, "\(address) answers (HTTP \(status))")
      return [reached] + (date.flatMap(WireTime.httpDate).map { [clock(Int64($0), now: now, name)] } ?? [])
    }
  }

  /// Signatures end to be valid at a difference of 15 minutes, and tokens seem to end at other times than they do.
  private static func clock(_ theirs: Int64, now: Int64, _ name: String) -> Finding {
    let difference = abs(now - theirs)
    let text = "\(difference) s from the \(name)'s"
    guard difference > 30 else { return Finding(area, "clock", .ok, text) }
    return Finding(
      area, "clock", difference > 600 ? .fail : .warn, text, advice: "set the clock of this machine, for example by NTP"
    )
  }

  private static func advice(for kind: HTTPFailure.Kind, key: String) -> String {
    switch kind {
    case .resolveFailed: "check the host name in \(key) or backend.region, and the name server"
    case .connectFailed: "check \(key), the network and firewalls between here and there, and backend.proxy"
    case .connectTimedOut, .timedOut: "check the network and firewalls between here and there, and backend.proxy"
    case .tlsFailed(.certificateRejected):
      "check that \(key) is right, and backend.ca_file if its certificate is not of a public authority"
    case .tlsFailed: "check that \(key) speaks TLS 1.2 or newer, and backend.ca_file"
    case .invalidRequest: "write https:// in \(key), or set backend.allow_plain_http"
    default: "try again; if it stays, check \(key)"
    }
  }
}
