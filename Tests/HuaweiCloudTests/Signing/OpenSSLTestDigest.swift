import COpenSSL

@testable import HuaweiCloud

/// The digest of the vectors: OpenSSL's one-shot functions.
struct OpenSSLTestDigest: SigningDigest {
  func sha256(_ bytes: UnsafeRawBufferPointer, into hash: UnsafeMutableRawBufferPointer) {
    var length: UInt32 = 0
    EVP_Digest(
      bytes.baseAddress, bytes.count, hash.baseAddress?.assumingMemoryBound(to: UInt8.self), &length, EVP_sha256(), nil)
  }

  func hmacSHA256(
    _ bytes: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer, into code: UnsafeMutableRawBufferPointer
  ) {
    var length: UInt32 = 0
    HMAC(
      EVP_sha256(), key.baseAddress, Int32(key.count), bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
      bytes.count, code.baseAddress?.assumingMemoryBound(to: UInt8.self), &length)
  }

  func hexSHA256(_ bytes: [UInt8]) -> String {
    withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { hash in
      bytes.withUnsafeBytes { sha256($0, into: hash) }
      return Hexadecimal.text(hash)
    }
  }
}
