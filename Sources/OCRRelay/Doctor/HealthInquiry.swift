public import EventLoop
internal import HTTPTransport

/// Asks the HTTP port of a relay on this machine; for health checks of containers, which have no other program for it.
public actor HealthInquiry {
  /// The loop that it works on.
  public nonisolated let loop: EventLoop
  /// The loop, as the actor's executor.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  /// An inquiry on this loop.
  public init(loop: EventLoop) {
    self.loop = loop
  }

  /// The status of a path on the port that a relay listens on; nil when nobody answers within three seconds.
  public func status(of path: String, listen: String) async -> Int? {
    guard let address = Self.address(listen) else { return nil }
    do throws(HTTPClientError) {
      var configuration = HTTPClientConfiguration()
      configuration.allowPlainHTTP = true
      let client = try HTTPClient(reactor: loop.reactor, pool: BufferPool(), configuration: configuration)
      defer { client.shutdown() }
      let request = HTTPRequest(
        target: try HTTPTarget(address + path), method: .get, headers: try HTTPHeaders(), timeout: .seconds(3))
      return await withCheckedContinuation { continuation in
        client.start(request) { continuation.resume(returning: (try? $0.get())?.status) }
      }
    } catch {
      return nil
    }
  }

  /// Where a relay can be asked that listens on an address; on all of them: on the loopback one.
  static func address(_ listen: String) -> String? {
    guard let place = HostAndPort(listen) else { return nil }
    let host =
      switch place.host {
      case "0.0.0.0", "": "127.0.0.1"
      case "::": "::1"
      default: place.host
      }
    return "http://" + (host.contains(":") ? "[\(host)]" : host) + ":\(place.port)"
  }
}
