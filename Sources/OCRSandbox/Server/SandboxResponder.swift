import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// Reads each request completely, hands it to the service that its path names, and delivers the answer.
struct SandboxResponder: HTTPResponder {
  /// The gateway's bounds.
  static let bodyLimit = 12 * 1024 * 1024
  static let uriLimit = 32 * 1024
  static let headerLimit = 32 * 1024

  let configuration: SandboxConfiguration
  let state: SandboxState
  let ocr: OCRHandler
  let identity: IdentityHandler
  let applications: ApplicationHandler
  let control: ControlHandler

  func respond(to request: Request, context: SandboxContext) async throws -> Response {
    let requestID = Fingerprint.requestID()
    let started = ContinuousClock.now
    var entry = LedgerEntry(time: configuration.now(), api: "unknown", requestID: requestID)
    let answer: Answer
    do throws(Refusal) {
      let call = try await read(request, requestID: requestID)
      if call.path.hasPrefix("/sandbox/") { return respond(control: call, context) }
      note(call, in: &entry)
      answer = await serve(call, context: context, entry: &entry)
    } catch {
      entry.code = error.code
      answer = Answer(error, requestID: requestID)
    }
    entry.status = answer.delivery == .reset ? 0 : answer.status
    entry.milliseconds = (ContinuousClock.now - started) / .milliseconds(1)
    let finished = entry
    state.ledger.withLock { $0.record(finished) }
    if answer.delivery == .reset {
      await context.reset()
      throw ChannelError.ioOnClosedChannel
    }
    return response(answer, requestID: requestID, context: context)
  }

  private func serve(_ call: IncomingCall, context: SandboxContext, entry: inout LedgerEntry) async -> Answer {
    let channel = context.channel
    let faults = FaultRunner(state: state) { action in channel.closeFuture.whenComplete { _ in action() } }
    if call.path == "/v3" || call.path.hasPrefix("/v3/") {
      return await identity.answer(call, faults: faults, entry: &entry)
    }
    if call.path.hasPrefix(ApplicationHandler.prefix) {
      return await applications.answer(call, faults: faults, entry: &entry)
    }
    return await ocr.answer(call, faults: faults, entry: &entry)
  }

  private func respond(control call: IncomingCall, _ context: SandboxContext) -> Response {
    let isAllowed = configuration.allowsRemoteControl || context.isLoopback
    let answer =
      isAllowed
      ? control.answer(call)
      : Answer(status: 403, json: .fields(["error": "control endpoints answer this machine only"]))
    return response(answer, requestID: call.requestID, context: context)
  }

  private func note(_ call: IncomingCall, in entry: inout LedgerEntry) {
    entry.bodyBytes = call.body.count
    // The body of a login holds a password; even its hash stays out of the ledger.
    if !call.path.hasPrefix("/v3/"), !call.path.hasPrefix(ApplicationHandler.prefix) {
      entry.bodySHA256 = Fingerprint.sha256(call.body)
    }
    entry.token = (call.headers["x-auth-token"] ?? Self.bearer(call)).map(Fingerprint.token)
    entry.host = call.headers["host"]
    entry.traceParent = call.headers["traceparent"]
  }

  /// The text of a bearer token; nil for signatures, which are different each time.
  private static func bearer(_ call: IncomingCall) -> String? {
    call.headers["authorization"].flatMap { $0.hasPrefix("Bearer ") ? String($0.dropFirst(7)) : nil }
  }

  private func read(_ request: Request, requestID: String) async throws(Refusal) -> IncomingCall {
    guard request.uri.string.utf8.count <= Self.uriLimit else { throw .uriTooLarge }
    var headers: [String: String] = [:]
    for field in request.headers {
      guard field.value.utf8.count <= Self.headerLimit else { throw .headersTooLarge }
      headers[field.name.canonicalName] = field.value
    }
    if headers["host"] == nil { headers["host"] = request.head.authority }
    if let length = headers["content-length"].flatMap({ Int($0) }), length > Self.bodyLimit { throw .bodyTooLarge }
    var query: [String: String] = [:]
    for (name, value) in request.uri.queryParameters { query[String(name)] = String(value) }
    return IncomingCall(
      method: request.method.rawValue, path: request.uri.path, query: query, rawPath: request.uri.path,
      rawQuery: request.uri.query ?? "", headers: headers, body: try await body(of: request), requestID: requestID)
  }

  private func body(of request: Request) async throws(Refusal) -> Data {
    var body = Data()
    do {
      for try await buffer in request.body {
        guard body.count + buffer.readableBytes <= Self.bodyLimit else { throw Refusal.bodyTooLarge }
        buffer.withUnsafeReadableBytes { body.append(contentsOf: $0) }
      }
    } catch let refusal as Refusal {
      throw refusal
    } catch {
      throw .invalidJSON
    }
    return body
  }

  private func response(_ answer: Answer, requestID: String, context: SandboxContext) -> Response {
    var headers: HTTPFields = [:]
    headers[.contentType] = answer.contentType
    if let name = HTTPField.Name("X-Request-Id") { headers[name] = requestID }
    for (name, value) in answer.headers {
      if let name = HTTPField.Name(name) { headers[name] = value }
    }
    let status = HTTPResponse.Status(code: answer.status, reasonPhrase: "")
    guard answer.delivery == .half else {
      return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: answer.body)))
    }
    let half = ByteBuffer(bytes: answer.body.prefix(answer.body.count / 2))
    let body = ResponseBody(contentLength: answer.body.count) { writer in
      try await writer.write(half)
      try? await context.channel.close()
      throw ChannelError.ioOnClosedChannel
    }
    return Response(status: status, headers: headers, body: body)
  }
}
