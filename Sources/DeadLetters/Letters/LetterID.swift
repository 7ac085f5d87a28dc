internal import COpenSSL

/// What tells one dead letter from every other, also after a replay that failed again: 16 bytes of a hash over what it
/// is and when it died. Two letters with the same one are copies of the same failure.
public struct LetterID: Sendable, Hashable {
  private let high: UInt64
  private let low: UInt64

  /// 32 hexadecimal digits.
  public var text: String { Self.hex(high) + Self.hex(low) }

  /// The first 12 digits with a mark before them: for letters whose publisher gave them no id.
  public var shortText: String { "#" + text.prefix(12) }

  /// Reads 32 hexadecimal digits; nil for anything else.
  public init?(text: some StringProtocol) {
    guard text.utf8.count == 32, text.utf8.allSatisfy(Self.isDigit) else { return nil }
    guard let high = UInt64(text.prefix(16), radix: 16), let low = UInt64(text.suffix(16), radix: 16) else {
      return nil
    }
    self.high = high
    self.low = low
  }

  /// Whether its digits begin so.
  func hasPrefix(_ digits: some StringProtocol) -> Bool { text.hasPrefix(digits) }

  private static func hex(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
  }

  /// Hashes the texts, each with its length before it, and the body.
  init(of texts: [String], body: UnsafeRawBufferPointer) {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex2(context, EVP_sha256(), nil) == 1 else {
      preconditionFailure("LetterID: OpenSSL offers no SHA-256")
    }
    defer { EVP_MD_CTX_free(context) }
    for text in texts {
      for part in ["\(text.utf8.count):", text] {
        var part = part
        part.withUTF8 { _ = EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
      }
    }
    EVP_DigestUpdate(context, body.baseAddress, body.count)
    (high, low) = withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { hash in
      EVP_DigestFinal_ex(context, hash.baseAddress?.assumingMemoryBound(to: UInt8.self), nil)
      return (
        UInt64(bigEndian: hash.load(as: UInt64.self)), UInt64(bigEndian: hash.load(fromByteOffset: 8, as: UInt64.self))
      )
    }
  }
}
