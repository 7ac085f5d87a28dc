internal import COpenSSL

/// SHA-256 of texts and bytes, by OpenSSL: it is in the process anyway, for TLS.
///
/// One object hashes any number of things one after the other and allocates for none of them.
///
/// Isolation: not `Sendable`; belongs to its loop.
final class ContentHash {
  /// Looked up once, because OpenSSL searches its providers each time.
  // nonisolated(unsafe): written once by the thread-safe initialisation of a static; OpenSSL only reads it.
  private nonisolated(unsafe) static let algorithm = EVP_MD_fetch(nil, "SHA256", nil)
  private static let size = 32
  private static let room = 256

  private let context: OpaquePointer
  /// Small pieces on their way to OpenSSL, where each call costs more than the hash of a few bytes.
  private let pieces = UnsafeMutableRawPointer.allocate(byteCount: room, alignment: 16)
  private var gathered = 0

  init() {
    guard let context = EVP_MD_CTX_new() else { preconditionFailure("OpenSSL has no memory for a hash") }
    self.context = context
    begin()
  }

  deinit {
    EVP_MD_CTX_free(context)
    pieces.deallocate()
  }

  func update(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    if bytes.count > Self.room - gathered { passOn() }
    guard bytes.count <= Self.room else {
      EVP_DigestUpdate(context, start, bytes.count)
      return
    }
    (pieces + gathered).copyMemory(from: start, byteCount: bytes.count)
    gathered += bytes.count
  }

  private func passOn() {
    EVP_DigestUpdate(context, pieces, gathered)
    gathered = 0
  }

  func update(_ text: String) {
    var text = text
    text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
  }

  /// The first 16 bytes of the hash of everything since the last call, in hexadecimal.
  func finish() -> String {
    HexText.encode(finishNumbers())
  }

  /// The whole hash of everything since the last call, in hexadecimal.
  func finishWhole() -> String {
    finish { HexText.encode($0) }
  }

  /// The first 16 bytes of the hash of everything since the last call, as two numbers.
  func finishNumbers() -> (high: UInt64, low: UInt64) {
    finish { hash in
      let hash = UnsafeRawBufferPointer(hash)
      return (hash.loadUnaligned(as: UInt64.self), hash.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }
  }

  private func finish<Value>(_ use: (UnsafeMutableBufferPointer<UInt8>) -> Value) -> Value {
    passOn()
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.size) { hash in
      EVP_DigestFinal_ex(context, hash.baseAddress, nil)
      begin()
      return use(hash)
    }
  }

  private func begin() {
    let begun = EVP_DigestInit_ex2(context, Self.algorithm, nil)
    precondition(begun == 1, "OpenSSL offers no SHA-256")
  }
}
