internal import EventLoop
internal import HTTPTransport

/// Asks relays how they are, over their HTTP ports.
///
/// Isolation: safe to call from any task; work runs on a loop of its own.
actor RelayProbe {
  private nonisolated let loop: EventLoop
  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  /// Made by the first question, on the loop that it belongs to.
  private var client: HTTPClient?

  private static let timeout = Duration.seconds(3)
  private static let answerLimit = 512 << 10

  init() throws(ConsoleError) {
    do throws(EventLoopError) {
      loop = try EventLoop(name: "relay-probe")
    } catch {
      throw ConsoleError(error.description)
    }
  }

  private func ownClient() throws(HTTPClientError) -> HTTPClient {
    if let client { return client }
    var configuration = HTTPClientConfiguration()
    configuration.allowPlainHTTP = true
    configuration.responseBodyLimit = Self.answerLimit
    let made = try HTTPClient(reactor: loop.reactor, pool: BufferPool(), configuration: configuration)
    client = made
    return made
  }

  /// What a relay tells; nil when it does not answer, or not like a relay.
  func reading(of relay: RelayAddress) async -> RelayReading? {
    async let status = get(relay.url + "/readyz")
    async let metrics = get(relay.url + "/metrics")
    guard let status = await status, let metrics = await metrics else { return nil }
    return RelayReading(
      name: relay.name, at: SystemTime.milliseconds, status: status, metrics: String(decoding: metrics, as: UTF8.self))
  }

  private func get(_ url: String) async -> [UInt8]? {
    guard let client = try? ownClient(), let target = try? HTTPTarget(url), let headers = try? HTTPHeaders() else {
      return nil
    }
    let request = HTTPRequest(target: target, method: .get, headers: headers, timeout: Self.timeout)
    return await withCheckedContinuation { continuation in
      client.start(request) { result in
        continuation.resume(returning: (try? result.get()).map { Array($0.body.bytes) })
      }
    }
  }

  /// Ends the probe's thread. Call it last.
  func close() {
    client?.shutdown()
    loop.stop()
  }
}
