internal import Hummingbird
public import Logging
internal import NIOCore
internal import NIOPosix

/// Answers over HTTP about the process it is in: a few fixed paths, nothing that a caller sends is read.
public struct HealthServer: Sendable {
  /// What is answered to a question.
  public struct Answer: Sendable {
    /// The HTTP status.
    public var status: Int
    /// The type of the text.
    public var contentType: String
    /// The body.
    public var text: String

    /// An answer.
    public init(status: Int = 200, contentType: String = "text/plain; charset=utf-8", text: String) {
      self.status = status
      self.contentType = contentType
      self.text = text
    }
  }

  /// A path and its answer.
  public struct Route: Sendable {
    let path: String
    let answer: @Sendable () async -> Answer

    /// A route; `answer` is called for each request.
    public init(_ path: String, answer: @escaping @Sendable () async -> Answer) {
      self.path = path
      self.answer = answer
    }
  }

  private let host: String
  private let port: Int
  private let logger: Logger
  private let routes: [Route]

  /// A server for `host:port`.
  public init(listen: String, logger: Logger, routes: [Route]) throws(HealthServerError) {
    guard let colon = listen.lastIndex(of: ":"), let port = Int(listen[listen.index(after: colon)...]),
      (0...65_535).contains(port)
    else {
      throw HealthServerError(description: "http.listen: \(listen) is not host:port")
    }
    let name = listen[..<colon].trimmingPrefix("[")
    host = String(name.hasSuffix("]") ? name.dropLast() : name)
    self.port = port
    self.logger = logger
    self.routes = routes
  }

  /// Serves until it is cancelled. Throws when the address cannot be listened on.
  public func run() async throws {
    var quiet = logger
    quiet.logLevel = .critical
    let application = Application(
      router: router(), configuration: .init(address: .hostname(host, port: port), serverName: "ocr-relay"),
      onServerRunning: { [logger] channel in
        let port = channel.localAddress?.port ?? port
        logger.info("listening", metadata: ["for": "health and metrics", "address": "\(host):\(port)"])
      },
      eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup(numberOfThreads: 1)), logger: quiet)
    try await application.runService(gracefulShutdownSignals: [])
  }

  /// Only known paths are measured: paths and methods of strangers would become labels.
  private func router() -> Router<BasicRequestContext> {
    let router = Router()
    let measured = router.group().add(middleware: MetricsMiddleware())
    for route in routes {
      measured.get(RouterPath(route.path)) { _, _ in
        let answer = await route.answer()
        return Response(
          status: .init(code: answer.status), headers: [.contentType: answer.contentType],
          body: .init(byteBuffer: .init(string: answer.text)))
      }
    }
    return router
  }
}
