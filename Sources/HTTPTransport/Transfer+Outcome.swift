internal import CCurl
internal import EventLoop

extension Transfer {
  /// What became of the call, once libcurl has let go of it.
  func outcome(_ code: CURLcode, now: MonotonicInstant) -> Result<HTTPResponse, HTTPFailure> {
    guard code == CURLE_OK, progress.abortKind == nil, let startedAt = call?.startedAt else {
      return .failure(failure(code))
    }
    var status = 0
    curl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
    var connections = 0
    curl_get_long(easy, CURLINFO_NUM_CONNECTS, &connections)
    return .success(
      HTTPResponse(
        status: status,
        body: progress.responseBody ?? pool.take(capacity: 0),
        headers: HTTPResponseHeaders(head: progress.responseHead),
        timing: HTTPTiming(
          total: now - startedAt, bodyBytesSent: bodyBytesSent, connectionReused: connections == 0)))
  }

  /// The failure behind libcurl's code.
  func failure(_ code: CURLcode) -> HTTPFailure {
    let neverAttempted = progress.attempts == 0
    let kind = progress.abortKind ?? HTTPFailure.Kind(code, beforeRequest: neverAttempted)
    return HTTPFailure(
      kind: kind, requestSent: requestWasSent(kind), nativeCode: Int32(code.rawValue), detail: detail(code))
  }

  /// The failure of a call that the client ends itself.
  func failure(_ kind: HTTPFailure.Kind, detail: String) -> HTTPFailure {
    HTTPFailure(kind: kind, requestSent: requestWasSent(kind), nativeCode: 0, detail: detail)
  }

  private func requestWasSent(_ kind: HTTPFailure.Kind) -> Bool {
    guard progress.attempts > 0 else { return false }
    guard kind != .repeatRefused else { return true }
    guard progress.bodyLength == 0 else { return bodyBytesSent > 0 }
    return requestBytesSent > progress.bytesBeforeAttempt
  }

  private var bodyBytesSent: Int {
    var count: curl_off_t = 0
    curl_get_offset(easy, CURLINFO_SIZE_UPLOAD_T, &count)
    return Int(count)
  }

  /// libcurl's text. It can quote what the peer sent (names in a certificate): hence cut and cleaned.
  private func detail(_ code: CURLcode) -> String {
    let text = errorText.prefix { $0 != 0 }.prefix(200).map { character -> UInt8 in
      let byte = UInt8(bitPattern: character)
      return byte >= 0x20 && byte < 0x7F ? byte : UInt8(ascii: "?")
    }
    guard text.isEmpty else { return String(decoding: text, as: UTF8.self) }
    return String(cString: curl_easy_strerror(code))
  }
}
