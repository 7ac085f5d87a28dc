internal import CCurl
internal import EventLoop
internal import Failpoints

/// What libcurl's callbacks do: they fill, count and refuse; they never call libcurl's multi interface or the client.
extension Transfer {
  /// Whether the request may go out (again).
  ///
  /// libcurl repeats a request by itself when a kept-alive connection dies before the first byte of an answer, although
  /// the server may have executed it. This is asked before every attempt. A `POST` of which any byte was handed to
  /// the network before is refused; when nothing was (the write itself failed), repeating is safe.
  func mayBeSent() -> Bool {
    guard call != nil else { return false }
    let bytesSent = requestBytesSent
    if progress.attempts > 0, method == .post, bytesSent > progress.bytesBeforeAttempt {
      progress.abortKind = .repeatRefused
      return false
    }
    progress.attempts += 1
    progress.bytesBeforeAttempt = bytesSent
    Failpoint.pass(.callSent)
    return true
  }

  /// Appends a piece of the response body; anything but the size of the piece ends the call.
  func bodyArrived(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard let buffer = progress.responseBody ?? takeResponseBody(atLeast: bytes.count) else { return 0 }
    guard bytes.count <= bodyLimit - buffer.count else { return refuse(.responseTooLarge) }
    buffer.append(bytes)
    return bytes.count
  }

  /// Appends a header line; anything but its size ends the call.
  func headerArrived(_ line: UnsafeRawBufferPointer) -> Int {
    guard call != nil, line.count <= headerLimit - progress.headerBytes else { return refuse(.headersTooLarge) }
    progress.headerBytes += line.count
    // Lines after the body are trailers, which nobody asked for.
    guard progress.responseBody == nil else { return line.count }
    let head = progress.responseHead ?? takeResponseHead()
    // A status line begins an answer: what came before was an interim one (1xx).
    if Self.isStatusLine(line) { head.removeAll() }
    head.append(line)
    return line.count
  }

  /// Fills `room` from the body source.
  func bodyWanted(_ room: UnsafeMutableRawBufferPointer) -> Int {
    guard let source = progress.source else { return Int(CURL_READFUNC_ABORT) }
    let remaining = progress.bodyLength - progress.bodyBytesRead
    guard remaining > 0 else { return 0 }
    let offered = UnsafeMutableRawBufferPointer(rebasing: room[..<min(room.count, remaining)])
    let produced = source.read(into: offered)
    guard produced > 0, produced <= offered.count else {
      progress.abortKind = .bodySourceFailed
      return Int(CURL_READFUNC_ABORT)
    }
    progress.bodyBytesRead += produced
    return produced
  }

  private func refuse(_ kind: HTTPFailure.Kind) -> Int {
    progress.abortKind = kind
    return 0
  }

  private static func isStatusLine(_ line: UnsafeRawBufferPointer) -> Bool {
    line.first == UInt8(ascii: "H") && line.starts(with: "HTTP/".utf8)
  }

  private func takeResponseHead() -> PooledBuffer {
    let head = pool.take(capacity: 1024)
    progress.responseHead = head
    return head
  }

  private func takeResponseBody(atLeast count: Int) -> PooledBuffer? {
    guard call != nil else { return nil }
    var announced: curl_off_t = 0
    curl_get_offset(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced)
    // An announcement alone may not reserve the whole limit; beyond this the buffer grows with what arrives.
    let reserved = min(max(Int(announced), count), Self.largestFirstReservation)
    let body = pool.take(capacity: reserved)
    progress.responseBody = body
    return body
  }

  private static let largestFirstReservation = 256 << 10

  /// Bytes of requests handed to the network since the call began.
  var requestBytesSent: Int {
    var count = 0
    curl_get_long(easy, CURLINFO_REQUEST_SIZE, &count)
    return count
  }
}
