internal import RelayCore

/// Signs requests of one shape with SDK-HMAC-SHA256: everything that does not change from call to call is prepared
/// once, so that a call adds its date and the hash of its body.
///
/// The rules are those of the vendor's own signer: all headers are signed but those with `_` in their names, in lower
/// case and in order; the path is decoded, encoded and closed with a slash; the query is in order.
public struct RequestSigner: Sendable {
  /// What is signed.
  public struct Request: Sendable {
    /// The HTTP method, in any case.
    public var method: String
    /// The path as it is sent, without the query.
    public var path: String
    /// The query, not encoded.
    public var query: [(name: String, value: String)]
    /// Every header that is signed, `Host` included; `X-Sdk-Date` is added.
    public var headers: [(name: String, value: String)]
    /// Whether there is a body of at least one byte.
    public var hasBody: Bool

    /// Describes a request.
    public init(
      method: String, path: String, query: [(name: String, value: String)] = [],
      headers: [(name: String, value: String)], hasBody: Bool = true
    ) {
      self.method = method
      self.path = path
      self.query = query
      self.headers = headers
      self.hasBody = hasBody
    }
  }

  /// The header that carries the time of signing.
  public static let dateHeader = "X-Sdk-Date"
  /// SHA-256 of no bytes.
  static let emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
  private static let hashHeader = "x-sdk-content-sha256"
  private static let algorithm = "SDK-HMAC-SHA256"

  /// The canonical request up to the date, and from there to the hash of the body.
  private let head: [UInt8]
  private let tail: [UInt8]
  /// The hash that counts whatever the body is.
  private let fixedHash: String?
  private let authorizationHead: String
  private let key: [UInt8]

  /// Prepares requests like this one, signed with this key.
  public init(_ request: Request, key: AccessKey) {
    let headers = Self.signed(request.headers)
    let names = headers.map(\.name).joined(separator: ";")
    var text = Array((request.method.uppercased() + "\n").utf8)
    URIEncoding.appendPath(request.path, to: &text)
    text.append(UInt8(ascii: "\n"))
    URIEncoding.appendQuery(request.query, to: &text)
    text.append(UInt8(ascii: "\n"))
    var head: [UInt8] = []
    for (name, value) in headers {
      text.append(contentsOf: (name + ":" + value).utf8)
      if name == Self.dateHeader.lowercased() {
        head = text
        text = []
      }
      text.append(UInt8(ascii: "\n"))
    }
    text.append(contentsOf: ("\n" + names + "\n").utf8)
    self.head = head
    tail = text
    fixedHash = request.hasBody ? headers.first { $0.name == Self.hashHeader }?.value : Self.emptyHash
    authorizationHead = "\(Self.algorithm) Access=\(key.id), SignedHeaders=\(names), Signature="
    self.key = Array(key.secret.reveal().utf8)
  }

  /// Whether the hash of the body enters the signature at all.
  public var needsBodyHash: Bool { fixedHash == nil }

  /// The value of the header `Authorization`.
  ///
  /// - Parameters:
  ///   - date: the value of `X-Sdk-Date`.
  ///   - bodyHash: SHA-256 of the body as lower-case hexadecimal; ignored when it is not needed.
  public func authorization(date: String, bodyHash: String, digest: some SigningDigest) -> String {
    withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { hash in
      canonicalRequest(date: date, bodyHash: bodyHash).withUnsafeBytes { digest.sha256($0, into: hash) }
      stringToSign(date: date, hash: Hexadecimal.text(hash)).withUnsafeBytes { text in
        key.withUnsafeBytes { digest.hmacSHA256(text, key: $0, into: hash) }
      }
      return authorizationHead + Hexadecimal.text(hash)
    }
  }

  func canonicalRequest(date: String, bodyHash: String) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(head.count + tail.count + 80)
    text.append(contentsOf: head)
    text.append(contentsOf: date.utf8)
    text.append(contentsOf: tail)
    text.append(contentsOf: (fixedHash ?? bodyHash).utf8)
    return text
  }

  func stringToSign(date: String, hash: String) -> [UInt8] {
    Array((Self.algorithm + "\n" + date + "\n" + hash).utf8)
  }

  /// The headers that are signed, with an empty date among them, by name.
  private static func signed(_ headers: [(name: String, value: String)]) -> [(name: String, value: String)] {
    let date = dateHeader.lowercased()
    var signed = headers.map { (name: $0.name.lowercased(), value: trimmed($0.value)) }
    signed.removeAll { $0.name == date || $0.name.utf8.contains(UInt8(ascii: "_")) }
    signed.append((date, ""))
    return signed.sorted { $0.name < $1.name }
  }

  private static func trimmed(_ value: String) -> String {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }
    var bytes = value.utf8[...]
    while let first = bytes.first, isBlank(first) { bytes.removeFirst() }
    while let last = bytes.last, isBlank(last) { bytes.removeLast() }
    return String(Substring(bytes))
  }
}
