internal import COpenSSL
internal import EventLoop
internal import HTTPTransport
internal import HuaweiCloud
internal import RelayCore

/// Signs calls with one access key: the date and the signature of each call, made anew for each try.
///
/// Few headers are signed, so that a proxy which changes any other one does no harm.
///
/// Isolation: not `Sendable`; belongs to its loop.
final class CallSigner {
  private let key: AccessKey
  private let host: String
  private let headers: [(name: String, value: String)]
  private let hash = ContentHash()
  private var signers: [String: RequestSigner] = [:]
  private var chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)

  /// `host` is the value of the header as it is sent; `headers` are those of every call that are signed.
  init(key: AccessKey, host: String, headers: [(name: String, value: String)]) {
    self.key = key
    self.host = host
    self.headers = headers
  }

  deinit {
    chunk.deallocate()
  }

  /// The headers for one call of `path` with this body, at this time.
  func sign(path: String, body: HTTPBody, secondsSince1970: Int64) throws(HTTPClientError) -> [HTTPHeaderLine] {
    let date = SigningDate.text(secondsSince1970: secondsSince1970)
    let signature = signer(for: path).authorization(date: date, bodyHash: bodyHash(body), digest: OpenSSLDigest())
    return [
      try HTTPHeaderLine(name: RequestSigner.dateHeader, value: date),
      try HTTPHeaderLine(name: "Authorization", value: signature),
    ]
  }

  private func signer(for path: String) -> RequestSigner {
    if let known = signers[path] { return known }
    let request = RequestSigner.Request(method: "POST", path: path, headers: headers + [("Host", host)])
    let signer = RequestSigner(request, key: key)
    signers[path] = signer
    return signer
  }

  /// The hash of the bytes that will be sent: a body that is encoded while it is sent is encoded once more for it,
  /// piece by piece, and kept nowhere.
  private func bodyHash(_ body: HTTPBody) -> String {
    switch body {
    case .none: break
    case .buffer(let buffer): hash.update(buffer.bytes)
    case .bytes(let bytes): bytes.withUnsafeBytes { hash.update($0) }
    case .source(let source):
      source.rewind()
      while true {
        let count = source.read(into: chunk)
        guard count > 0 else { break }
        hash.update(UnsafeRawBufferPointer(rebasing: chunk[..<count]))
      }
      source.rewind()
    }
    return hash.finishWhole()
  }
}

/// The digests of signing, by OpenSSL.
struct OpenSSLDigest: SigningDigest {
  func sha256(_ bytes: UnsafeRawBufferPointer, into hash: UnsafeMutableRawBufferPointer) {
    let done = EVP_Digest(
      bytes.baseAddress, bytes.count, hash.baseAddress?.assumingMemoryBound(to: UInt8.self), nil, EVP_sha256(), nil)
    precondition(done == 1, "OpenSSL offers no SHA-256")
  }

  func hmacSHA256(
    _ bytes: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer, into code: UnsafeMutableRawBufferPointer
  ) {
    let done = HMAC(
      EVP_sha256(), key.baseAddress, Int32(clamping: key.count), bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
      bytes.count, code.baseAddress?.assumingMemoryBound(to: UInt8.self), nil)
    precondition(done != nil, "OpenSSL offers no HMAC with SHA-256")
  }
}
