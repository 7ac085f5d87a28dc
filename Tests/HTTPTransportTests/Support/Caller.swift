import EventLoop
import HTTPTransport
import TestSupport

/// An actor pinned to a loop that owns a client, as the service's own actors do.
actor Caller {
  nonisolated let loop: EventLoop
  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
  private let settings: HTTPClientConfiguration
  private var pool: BufferPool?
  private var client: HTTPClient?
  private var ids: [Int: HTTPCallID] = [:]
  private var startWaiters: [Int: CheckedContinuation<Void, Never>] = [:]

  init(_ change: (inout HTTPClientConfiguration) -> Void = { _ in }) throws {
    loop = try EventLoop(name: "http-test")
    var settings = HTTPClientConfiguration()
    settings.allowPlainHTTP = true
    settings.totalTimeout = .seconds(120)
    change(&settings)
    self.settings = settings
  }

  /// Closes the client and ends the loop.
  func close() {
    client?.shutdown()
    client = nil
    loop.stop()
  }

  /// Bytes of the pool that somebody still holds.
  var bytesInUse: Int { pool?.bytesInUse ?? 0 }
  var activeCalls: Int { client?.activeCalls ?? 0 }
  func shutdownClient() { client?.shutdown() }
  func cancel(_ key: Int) { if let id = ids[key] { client?.cancel(id) } }

  /// Makes a call; `key` names it for `cancel` and `started`. `cancelsAtOnce` cancels it before the loop does anything.
  func call(_ call: TestCall, key: Int = 0, cancelsAtOnce: Bool = false) async throws -> Outcome {
    let client = try openClient()
    let request = try makeRequest(call)
    return await withCheckedContinuation { done in
      let id = client.start(request) { done.resume(returning: Outcome($0)) }
      ids[key] = id
      startWaiters.removeValue(forKey: key)?.resume()
      if cancelsAtOnce { client.cancel(id) }
    }
  }

  /// Makes a call; returns the bytes of the pool that were in use when its completion began.
  func bytesInUseAtCompletion(_ call: TestCall) async throws -> Int {
    let client = try openClient()
    guard let pool else { return 0 }
    return await withCheckedContinuation { done in
      start(call, client) { done.resume(returning: pool.bytesInUse) }
    }
  }

  /// Nobody but the client keeps the request.
  private func start(_ call: TestCall, _ client: HTTPClient, _ ended: @escaping () -> Void) {
    guard let request = try? makeRequest(call) else { return ended() }
    client.start(request) { _ in ended() }
  }

  /// Waits until the call of this key was started.
  func started(_ key: Int) async {
    guard ids[key] == nil else { return }
    await withCheckedContinuation { startWaiters[key] = $0 }
  }

  /// Starts `count` calls at once and returns their outcomes.
  func parallel(_ count: Int, _ call: @Sendable (Int) -> TestCall) async throws -> [Outcome] {
    let client = try openClient()
    let requests = try (0..<count).map { try makeRequest(call($0)) }
    return await withCheckedContinuation { done in
      var outcomes = [Outcome?](repeating: nil, count: count)
      var remaining = count
      for (index, request) in requests.enumerated() {
        client.start(request) { result in
          outcomes[index] = Outcome(result)
          remaining -= 1
          if remaining == 0 { done.resume(returning: outcomes.compactMap { $0 }) }
        }
      }
    }
  }

  /// From the completion of a first call: cancels a second one and starts a third.
  func completionThatStartsAndCancels(
    _ first: TestCall, cancels second: TestCall, starts third: TestCall
  ) async throws -> [Outcome] {
    let client = try openClient()
    let (first, second, third) = (try makeRequest(first), try makeRequest(second), try makeRequest(third))
    return await withCheckedContinuation { done in
      var outcomes: [Outcome] = []
      let doomed = client.start(second) { outcomes.append(Outcome($0)) }
      client.start(first) { result in
        outcomes.append(Outcome(result))
        client.cancel(doomed)
        client.start(third) { result in
          outcomes.append(Outcome(result))
          done.resume(returning: outcomes)
        }
      }
    }
  }

  /// Shuts the client down from the completion of the first of `count` calls.
  func completionThatShutsDown(_ count: Int, _ call: TestCall) async throws -> [Outcome] {
    let client = try openClient()
    let requests = try (0..<count).map { _ in try makeRequest(call) }
    return await withCheckedContinuation { done in
      var outcomes: [Outcome] = []
      for request in requests {
        client.start(request) { result in
          outcomes.append(Outcome(result))
          // The completions of the others run inside of this call.
          guard outcomes.count > 1 else { return client.shutdown() }
          if outcomes.count == count { done.resume(returning: outcomes) }
        }
      }
    }
  }

  private func openClient() throws -> HTTPClient {
    if let client { return client }
    let pool = BufferPool()
    let opened = try HTTPClient(reactor: loop.reactor, pool: pool, configuration: settings)
    self.pool = pool
    client = opened
    return opened
  }

  private func makeRequest(_ call: TestCall) throws -> HTTPRequest {
    let body: HTTPBody
    switch call.body {
    case .none: body = .none
    case .bytes(let bytes): body = .bytes(bytes)
    case .buffer(let bytes):
      guard let buffer = pool?.take(capacity: bytes.count) else { return try makeRequest(TestCall(url: call.url)) }
      bytes.withUnsafeBytes { buffer.append($0) }
      body = .buffer(buffer)
    case .source(let bytes, let announced): body = .source(ArraySource(bytes, announced: announced))
    }
    return HTTPRequest(
      target: try HTTPTarget(call.url), method: call.method,
      headers: try HTTPHeaders(call.headers.map { ($0.0, $0.1) }),
      extraHeaders: try call.extraHeaders.map { try HTTPHeaderLine(name: $0.0, value: $0.1) }, body: body,
      timeout: call.timeout)
  }
}

/// A call as a test writes it down.
struct TestCall: Sendable {
  enum Body: Sendable {
    case none
    case bytes([UInt8])
    case buffer([UInt8])
    case source([UInt8], announced: Int)
  }

  var url: String
  var method = HTTPMethod.post
  var headers: [(String, String)] = [("Content-Type", "application/json"), ("X-Auth-Token", "secret")]
  var extraHeaders: [(String, String)] = []
  var body = Body.none
  var timeout: Duration?
}

/// The end of a call, copied out of the loop.
struct Outcome: Sendable {
  var status: Int?
  var body: [UInt8] = []
  var contentType: String?
  var requestID: String?
  var failure: HTTPFailure?
  var reused = false
  var bytesSent = 0

  init(_ result: Result<HTTPResponse, HTTPFailure>) {
    switch result {
    case .success(let response):
      status = response.status
      body = Array(response.body.bytes)
      contentType = response.headers["content-type"]
      requestID = response.headers["X-Request-Id"]
      reused = response.timing.connectionReused
      bytesSent = response.timing.bodyBytesSent
    case .failure(let failure):
      self.failure = failure
    }
  }
}

/// Produces an array in pieces of odd sizes; announces a length that may be a lie.
private final class ArraySource: HTTPBodySource {
  let length: Int
  private let bytes: [UInt8]
  private var offset = 0

  init(_ bytes: [UInt8], announced: Int) {
    self.bytes = bytes
    length = announced
  }

  func read(into room: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(room.count, bytes.count - offset, 40_961)
    room.copyBytes(from: bytes[offset..<offset + count])
    offset += count
    return count
  }

  func rewind() { offset = 0 }
}

/// Bytes that are different at each place, the same for each seed.
func patternedBytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
  var random = SeededRandom(seed: seed)
  return Array(unsafeUninitializedCapacity: count + 8) { buffer, initialized in
    let bytes = UnsafeMutableRawBufferPointer(buffer)
    for offset in stride(from: 0, to: count, by: 8) {
      bytes.storeBytes(of: random.next(), toByteOffset: offset, as: UInt64.self)
    }
    initialized = count
  }
}
