/// How the body of a message becomes the body of the call.
public enum BodyPlan: Sendable, Equatable {
  /// The bytes are sent as they are.
  case forward
  /// The bytes are an image: `prefix`, then their base64 text of `encodedLength` characters, then `suffix`.
  /// ``Base64Encoder`` makes the text while it is sent.
  indirect case base64(prefix: [UInt8], suffix: [UInt8], encodedLength: Int)

  /// Length of the call's body for a message body of `bodyLength` bytes.
  public func contentLength(bodyLength: Int) -> Int {
    switch self {
    case .forward: bodyLength
    case .base64(let prefix, let suffix, let encodedLength): prefix.count + encodedLength + suffix.count
    }
  }
}
