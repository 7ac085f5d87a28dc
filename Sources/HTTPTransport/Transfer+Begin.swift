internal import CCurl
internal import EventLoop

extension Transfer {
  /// Takes over a call of at most `limit` nanoseconds, and sets the options in which it differs from the last one.
  ///
  /// Returns false when libcurl has no memory for that; the transfer is then to be thrown away.
  func begin(_ request: HTTPRequest, as call: consuming Call, within limit: Int64) -> Bool {
    self.call = call
    progress.extraHeaders = request.extraHeaders
    errorText[0] = 0
    let milliseconds = wholeMilliseconds(ofNanoseconds: limit)
    return setTarget(request.target) && setHeaders(request) && setTimeout(milliseconds) && setBody(request)
  }

  /// Lets go of the call and of all memory that it used.
  func end() {
    call = nil
    progress = Progress()
    watchdog?.disarm()
  }

  private func setTarget(_ new: HTTPTarget) -> Bool {
    guard target !== new else { return true }
    target = new
    return curl_set_string(easy, CURLOPT_URL, new.url) == CURLE_OK
  }

  private func setHeaders(_ request: HTTPRequest) -> Bool {
    guard headers !== request.headers || !request.extraHeaders.isEmpty || hasExtraHeaders else { return true }
    headers = request.headers
    hasExtraHeaders = !request.extraHeaders.isEmpty
    let list = extraNodes.chain(request.extraHeaders, before: request.headers)
    return curl_set_list(easy, CURLOPT_HTTPHEADER, list) == CURLE_OK
  }

  private func setTimeout(_ milliseconds: Int) -> Bool {
    guard timeoutMilliseconds != milliseconds else { return true }
    timeoutMilliseconds = milliseconds
    return curl_set_long(easy, CURLOPT_TIMEOUT_MS, milliseconds) == CURLE_OK
  }

  private func setBody(_ request: HTTPRequest) -> Bool {
    guard setMethod(request.method) else { return false }
    guard request.method == .post else { return true }
    switch request.body {
    case .none:
      return setBytes(pool.take(capacity: 0))
    case .buffer(let buffer):
      return setBytes(buffer)
    case .bytes(let bytes):
      let buffer = pool.take(capacity: bytes.count)
      bytes.withUnsafeBytes { buffer.append($0) }
      return setBytes(buffer)
    case .source(let source):
      source.rewind()
      progress.source = source
      return setLength(max(source.length, 0)) && setPostFields(nil)
    }
  }

  private func setMethod(_ new: HTTPMethod) -> Bool {
    guard method != new else { return true }
    method = new
    let option = new == .post ? CURLOPT_POST : CURLOPT_HTTPGET
    return curl_set_long(easy, option, 1) == CURLE_OK
  }

  /// Sends `buffer` in place: libcurl reads it where it is, so it is kept until the call ends.
  private func setBytes(_ buffer: PooledBuffer) -> Bool {
    progress.requestBody = buffer
    // Never nil: without post fields libcurl would ask the read callback.
    return setLength(buffer.count) && setPostFields(UnsafeMutableRawPointer(mutating: buffer.bytes.baseAddress))
  }

  private func setPostFields(_ bytes: UnsafeMutableRawPointer?) -> Bool {
    curl_set_pointer(easy, CURLOPT_POSTFIELDS, bytes) == CURLE_OK
  }

  private func setLength(_ length: Int) -> Bool {
    progress.bodyLength = length
    guard setUploadBuffer(for: length) else { return false }
    return curl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(length)) == CURLE_OK
  }

  /// Large bodies go out in larger pieces; small ones do not pay for the memory.
  private func setUploadBuffer(for length: Int) -> Bool {
    let size = length > 64 << 10 ? 256 << 10 : 64 << 10
    guard uploadBufferSize != size else { return true }
    uploadBufferSize = size
    return curl_set_long(easy, CURLOPT_UPLOAD_BUFFERSIZE, size) == CURLE_OK
  }
}
