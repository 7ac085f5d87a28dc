internal import AMQP
internal import EventLoop
internal import HTTPTransport
internal import OCRContract
internal import RelayCore

/// Questions to the management API of a broker, with the user of its AMQP address.
///
/// Isolation: not `Sendable`; belongs to the loop of its reactor.
final class ManagementVisit {
  /// Why there is no answer.
  enum Refusal: Error, Equatable {
    /// Nobody answers there, or not with HTTP.
    case unreachable(String)
    /// The user may not log in there, or not ask this.
    case forbidden(Int)
    /// There is no such thing.
    case missing
    /// Something else.
    case strange(String)
  }

  private let client: HTTPClient
  private let headers: HTTPHeaders
  private let virtualHost: String
  /// Scheme, host and port, without a slash at the end.
  let address: String

  /// The API at an address, or, without one, at the usual port of the broker's host: 15672, and 15671 with TLS.
  init(
    _ address: String?, of endpoint: BrokerEndpoint, caFile: String?, reactor: Reactor
  ) throws(HTTPClientError) {
    self.address = address ?? Self.usualAddress(of: endpoint)
    virtualHost = Self.percentEncoded(endpoint.virtualHost)
    headers = try HTTPHeaders([("Authorization", "Basic " + Self.base64("\(endpoint.user):\(endpoint.password)"))])
    var configuration = HTTPClientConfiguration()
    configuration.totalTimeout = .seconds(10)
    configuration.caFile = caFile
    configuration.allowPlainHTTP = true
    client = try HTTPClient(reactor: reactor, pool: BufferPool(), configuration: configuration)
  }

  deinit { client.shutdown() }

  static func usualAddress(of endpoint: BrokerEndpoint) -> String {
    let host = endpoint.host.contains(":") ? "[\(endpoint.host)]" : endpoint.host
    return endpoint.usesTLS ? "https://\(host):15671" : "http://\(host):15672"
  }

  /// What a queue of the broker's virtual host is ruled by.
  func queue(_ name: String) async throws(Refusal) -> JSONValue {
    try await ask(
      "/api/queues/\(virtualHost)/\(Self.percentEncoded(name))"
        + "?columns=name,arguments,policy,operator_policy,effective_policy_definition")
  }

  /// Names of the alarms in force, with their nodes.
  func alarms() async throws(Refusal) -> [String] {
    let answer = try await ask("/api/health/checks/alarms", accepting: [200, 503])
    guard answer["status"]?.text != "ok" else { return [] }
    let alarms = answer["alarms"]?.elements ?? []
    let names = alarms.map { alarm in
      "\(alarm["resource"]?.text ?? "an alarm") on \(alarm["node"]?.text ?? "a node")"
    }
    return names.isEmpty ? [answer["reason"]?.text ?? "an alarm"] : names
  }

  private func ask(_ path: String, accepting statuses: Set<Int> = [200]) async throws(Refusal) -> JSONValue {
    let request: HTTPRequest
    do throws(HTTPClientError) {
      request = HTTPRequest(target: try HTTPTarget(address + path), method: .get, headers: headers)
    } catch {
      throw .unreachable("\(error)")
    }
    let result: Result<Reply, HTTPFailure> = await withCheckedContinuation { continuation in
      client.start(request) { result in
        continuation.resume(returning: result.map { Reply(status: $0.status, body: Array($0.body.bytes)) })
      }
    }
    return try Self.read(result, accepting: statuses)
  }

  /// An answer, copied out of the client's memory.
  struct Reply: Sendable {
    var status: Int
    var body: [UInt8]
  }

  static func read(
    _ result: Result<Reply, HTTPFailure>, accepting statuses: Set<Int>
  ) throws(Refusal) -> JSONValue {
    switch result {
    case .failure(let failure): throw .unreachable(failure.detail)
    case .success(let reply) where statuses.contains(reply.status):
      guard let value = try? JSONReader.read(reply.body) else { throw .strange("it answered no JSON") }
      return value
    case .success(let reply):
      switch reply.status {
      case 401, 403: throw .forbidden(reply.status)
      case 404: throw .missing
      default: throw .strange("it answered HTTP \(reply.status)")
      }
    }
  }

  private static func base64(_ text: String) -> String {
    var bytes = Array(text.utf8)
    guard var encoder = Base64Encoder(inputCount: bytes.count) else { return "" }
    var encoded = [UInt8](repeating: 0, count: encoder.encodedCount)
    bytes.withUnsafeMutableBytes { input in
      encoded.withUnsafeMutableBytes { _ = encoder.read(UnsafeRawBufferPointer(input), into: $0) }
    }
    return String(decoding: encoded, as: UTF8.self)
  }

  static func percentEncoded(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        result += "%" + (digits.count == 1 ? "0" : "") + digits
      }
    }
    return result
  }
}
