internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// Reads a request completely, within bounds, and sends the site's answer.
struct ConsoleResponder: HTTPResponder {
  /// Forms of ours are far smaller.
  private static let bodyLimit = 64 << 10
  private static let queryLimit = 8 << 10

  let site: ConsoleSite

  func respond(to request: Request, context: ConsoleContext) async throws -> Response {
    let answer: ConsoleResponse
    do throws(Refusal) {
      answer = await site.respond(to: try await read(request, context))
    } catch {
      answer = .text(error == .tooLarge ? "too large\n" : "not readable\n", status: error.rawValue)
    }
    var headers: HTTPFields = [:]
    headers[.contentType] = answer.contentType
    for (name, value) in answer.headers {
      guard let name = HTTPField.Name(name) else { continue }
      headers.append(HTTPField(name: name, value: value))
    }
    headers[.contentLength] = String(answer.body.count)
    let body = request.method == .head ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body))
    return Response(status: .init(code: answer.status), headers: headers, body: body)
  }

  /// Why a request is not even looked at; the raw value is the HTTP status.
  private enum Refusal: Int, Error {
    case unreadable = 400
    case tooLarge = 413
  }

  private func read(_ request: Request, _ context: ConsoleContext) async throws(Refusal) -> ConsoleRequest {
    let query = request.uri.query ?? ""
    guard query.utf8.count <= Self.queryLimit, let buffer = try? await request.body.collect(upTo: Self.bodyLimit)
    else { throw .tooLarge }
    guard let values = FormValues(query) else { throw .unreadable }
    var headers: [String: [String]] = [:]
    for field in request.headers { headers[field.name.canonicalName, default: []].append(field.value) }
    if headers["host"] == nil, let authority = request.head.authority { headers["host"] = [authority] }
    return ConsoleRequest(
      method: request.method.rawValue, path: request.uri.path, query: values, headers: headers,
      body: Array(buffer.readableBytesView), peer: context.peer)
  }
}

/// A request's connection.
struct ConsoleContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  /// The address at its other end.
  let peer: String?

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    peer = source.channel.remoteAddress?.ipAddress
  }
}
