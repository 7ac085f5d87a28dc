internal import COpenSSL

/// The key that seals what leaves the process: 32 bytes that every relay of a fleet has, and nobody else.
public struct SealingKey: Sendable {
  /// Why a text is no key; never contains the text.
  public struct Problem: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong and how to make a right one.
    public let description: String
  }

  /// Tells one key from another without telling the key.
  let id: [UInt8]
  let bytes: [UInt8]

  static let size = 32
  static let idSize = 4

  /// Reads a key: 32 bytes as 64 hexadecimal digits or in base64. White space at the ends does not count.
  public init(text: String) throws(Problem) {
    let digits = text.utf8.drop { Self.isBlank($0) }.reversed().drop { Self.isBlank($0) }.reversed()
    guard let bytes = Self.hexadecimal(Array(digits)) ?? Self.base64(Array(digits)), bytes.count == Self.size else {
      throw Problem(
        description: "is not a key of 32 bytes in base64 or hexadecimal; make one with: openssl rand -base64 32")
    }
    guard bytes.contains(where: { $0 != bytes[0] }) else {
      throw Problem(description: "is the same byte 32 times; make a key with: openssl rand -base64 32")
    }
    self.bytes = bytes
    id = Array(Self.digest(Array("ocr-relay key id".utf8) + bytes).prefix(Self.idSize))
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

  private static func hexadecimal(_ text: [UInt8]) -> [UInt8]? {
    guard text.count == size * 2 else { return nil }
    var bytes: [UInt8] = []
    for position in stride(from: 0, to: text.count, by: 2) {
      guard let high = hexValue(text[position]), let low = hexValue(text[position + 1]) else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  private static func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// 43 characters carry 32 bytes; a 44th is the filling.
  private static func base64(_ text: [UInt8]) -> [UInt8]? {
    let filling = UInt8(ascii: "=")
    guard text.count == 43 || text.count == 44 && text.last == filling else { return nil }
    guard !text.prefix(43).contains(filling) else { return nil }
    let whole = text.prefix(43) + [filling]
    var decoded = [UInt8](repeating: 0, count: 33)
    guard EVP_DecodeBlock(&decoded, Array(whole), 44) == 33 else { return nil }
    return Array(decoded.prefix(size))
  }

  private static func digest(_ bytes: [UInt8]) -> [UInt8] {
    var hash = [UInt8](repeating: 0, count: 32)
    let status = EVP_Digest(bytes, bytes.count, &hash, nil, EVP_sha256(), nil)
    precondition(status == 1, "OpenSSL offers no SHA-256")
    return hash
  }
}

/// No way of printing a key shows it.
extension SealingKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// A placeholder.
  public var description: String { "<secret>" }
  /// A placeholder.
  public var debugDescription: String { "<secret>" }
  /// A mirror without children.
  public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
