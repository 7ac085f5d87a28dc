/// The two functions that signing needs of a cryptography library; each writes 32 bytes.
public protocol SigningDigest {
  /// SHA-256 of `bytes`.
  func sha256(_ bytes: UnsafeRawBufferPointer, into hash: UnsafeMutableRawBufferPointer)

  /// HMAC-SHA-256 of `bytes` under `key`.
  func hmacSHA256(
    _ bytes: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer, into code: UnsafeMutableRawBufferPointer)
}
