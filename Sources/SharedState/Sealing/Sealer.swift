internal import COpenSSL

/// Seals bytes so that only who has the key can read them and nobody can change them or put them elsewhere.
///
/// AES-256-GCM. The key of each seal is derived from the key and 16 random bytes (HMAC-SHA-256), because random nonces
/// of 12 bytes alone would repeat too soon: at a thousand results a second their safe number is used up in weeks.
///
/// Sealed: version (1 byte), key id (4), derivation salt (16), nonce (12), ciphertext, tag (16). The first 33 bytes and
/// the context are authenticated as well.
///
/// Isolation: a constant; opening and sealing share nothing.
public struct Sealer: Sendable {
  private let key: SealingKey
  private let others: [SealingKey]

  private static let version: UInt8 = 1
  private static let saltSize = 16
  private static let nonceSize = 12
  private static let tagSize = 16
  private static let headSize = 1 + SealingKey.idSize + saltSize + nonceSize

  /// Bytes that sealing adds.
  public static let overhead = headSize + tagSize

  /// A sealer with this key, which also opens what was sealed with the others.
  public init(key: SealingKey, others: [SealingKey] = []) {
    self.key = key
    self.others = others
  }

  /// Seals bytes for one place, such as the name of the key that they are kept under.
  public func seal(_ bytes: [UInt8], context: String) -> [UInt8] {
    var head = [Self.version] + key.id + Self.random(Self.saltSize + Self.nonceSize)
    var text = [UInt8](repeating: 0, count: bytes.count)
    var tag = [UInt8](repeating: 0, count: Self.tagSize)
    let cipher = Cipher(key: Self.derived(key, head), nonce: Self.nonce(head), encrypts: true)
    cipher.authenticate(head + Array(context.utf8))
    cipher.update(bytes, into: &text)
    let isDone = cipher.finish() && cipher.readTag(&tag)
    precondition(isDone, "OpenSSL cannot encrypt")
    head.reserveCapacity(head.count + text.count + tag.count)
    return head + text + tag
  }

  /// Opens what was sealed for the same place.
  public func open(_ sealed: [UInt8], context: String) throws(SealFailure) -> [UInt8] {
    guard sealed.count >= Self.overhead, sealed[0] == Self.version else { throw .notSealed }
    let head = Array(sealed.prefix(Self.headSize))
    let id = Array(head[1..<1 + SealingKey.idSize])
    guard let key = id == key.id ? key : others.first(where: { $0.id == id }) else { throw .otherKey }
    let text = Array(sealed[Self.headSize..<sealed.count - Self.tagSize])
    var bytes = [UInt8](repeating: 0, count: text.count)
    let cipher = Cipher(key: Self.derived(key, head), nonce: Self.nonce(head), encrypts: false)
    cipher.authenticate(head + Array(context.utf8))
    cipher.update(text, into: &bytes)
    guard cipher.expectTag(Array(sealed.suffix(Self.tagSize))), cipher.finish() else { throw .damaged }
    return bytes
  }

  private static func derived(_ key: SealingKey, _ head: [UInt8]) -> [UInt8] {
    let start = 1 + SealingKey.idSize
    let salt = Array(head[start..<start + saltSize])
    var derived = [UInt8](repeating: 0, count: SealingKey.size)
    let result = HMAC(EVP_sha256(), key.bytes, Int32(key.bytes.count), salt, salt.count, &derived, nil)
    precondition(result != nil, "OpenSSL offers no HMAC-SHA-256")
    return derived
  }

  private static func nonce(_ head: [UInt8]) -> [UInt8] { Array(head.suffix(nonceSize)) }

  private static func random(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let status = RAND_bytes(&bytes, Int32(count))
    precondition(status == 1, "OpenSSL has no random bytes")
    return bytes
  }
}
