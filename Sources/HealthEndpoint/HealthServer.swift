internal import Hummingbird
public import Logging
internal import NIOPosix

/// Answers over HTTP whether the process lives (`/livez`) and whether requests are served (`/readyz`).
public struct HealthServer: Sendable {
  /// What is answered to a question.
  public struct Answer: Sendable {
    /// Whether requests are served.
    public var isReady: Bool
    /// Details as a JSON object.
    public var json: String

    /// An answer.
    public init(isReady: Bool, json: String) {
      self.isReady = isReady
      self.json = json
    }
  }

  private let host: String
  private let port: Int
  private let logger: Logger
  private let ask: @Sendable () async -> Answer

  /// A server for `host:port`. `ask` is called for each request; that it answers at all shows that the service lives.
  public init(listen: String, logger: Logger, ask: @escaping @Sendable () async -> Answer) throws(HealthServerError) {
    guard let colon = listen.lastIndex(of: ":"), let port = Int(listen[listen.index(after: colon)...]),
      (0...65_535).contains(port)
    else {
      throw HealthServerError(description: "http.listen: \(listen) is not host:port")
    }
    let name = listen[..<colon].trimmingPrefix("[")
    host = String(name.hasSuffix("]") ? name.dropLast() : name)
    self.port = port
    self.logger = logger
    self.ask = ask
  }

  /// Serves until it is cancelled. Throws when the address cannot be listened on.
  public func run() async throws {
    let router = Router()
    router.get("livez") { _, _ in
      _ = await ask()
      return Response(status: .ok, body: .init(byteBuffer: .init(string: "alive\n")))
    }
    router.get("readyz") { _, _ in
      let answer = await ask()
      return Response(
        status: answer.isReady ? .ok : .serviceUnavailable, headers: [.contentType: "application/json"],
        body: .init(byteBuffer: .init(string: answer.json)))
    }
    var quiet = logger
    quiet.logLevel = .critical
    let application = Application(
      router: router, configuration: .init(address: .hostname(host, port: port), serverName: "ocr-relay"),
      eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup(numberOfThreads: 1)), logger: quiet)
    try await application.runService(gracefulShutdownSignals: [])
  }
}
