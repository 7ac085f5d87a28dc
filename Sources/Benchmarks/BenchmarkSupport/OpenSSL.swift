internal import COpenSSL
public import HuaweiCloud

/// The digests of OpenSSL, as the relay uses them.
public final class OpenSSL: SigningDigest {
  private let context: OpaquePointer

  /// Nil when OpenSSL has no memory.
  public init?() {
    guard let context = EVP_MD_CTX_new() else { return nil }
    self.context = context
    EVP_DigestInit_ex(context, EVP_sha256(), nil)
  }

  deinit {
    EVP_MD_CTX_free(context)
  }

  /// Adds bytes to the hash.
  public func update(_ bytes: UnsafeRawBufferPointer) {
    EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
  }

  /// The hash of everything since the last call, in hexadecimal.
  public func finish() -> String {
    var hash = [UInt8](repeating: 0, count: 32)
    EVP_DigestFinal_ex(context, &hash, nil)
    EVP_DigestInit_ex(context, EVP_sha256(), nil)
    return hash.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// SHA-256 of some bytes, of its own.
  public func sha256(_ bytes: UnsafeRawBufferPointer, into hash: UnsafeMutableRawBufferPointer) {
    EVP_Digest(
      bytes.baseAddress, bytes.count, hash.baseAddress?.assumingMemoryBound(to: UInt8.self), nil, EVP_sha256(), nil)
  }

  /// HMAC-SHA-256 of some bytes, of its own.
  public func hmacSHA256(
    _ bytes: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer, into code: UnsafeMutableRawBufferPointer
  ) {
    HMAC(
      EVP_sha256(), key.baseAddress, Int32(clamping: key.count), bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
      bytes.count, code.baseAddress?.assumingMemoryBound(to: UInt8.self), nil)
  }
}
