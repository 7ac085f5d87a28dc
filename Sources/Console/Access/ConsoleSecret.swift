internal import Crypto

/// Keys and random texts of this process.
struct ConsoleSecret: Sendable {
  private let key = SymmetricKey(size: .bits256)

  /// A token that only this process can make for the subject.
  func seal(_ subject: String) -> String {
    Self.hexadecimal(HMAC<SHA256>.authenticationCode(for: Array(subject.utf8), using: key))
  }

  /// Whether a token is the subject's, in a time that tells nothing about it.
  func isSeal(_ text: String, of subject: String) -> Bool { isSame(text, seal(subject)) }

  /// Whether two texts are the same, in a time that tells nothing about either.
  func isSame(_ left: String, _ right: String) -> Bool {
    let code = HMAC<SHA256>.authenticationCode(for: Array(left.utf8), using: key)
    return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: Array(right.utf8), using: key)
  }

  /// 256 random bits as 64 hexadecimal digits.
  static func randomText() -> String {
    SymmetricKey(size: .bits256).withUnsafeBytes { hexadecimal($0) }
  }

  private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    var text = ""
    for byte in bytes { text += String(byte >> 4, radix: 16) + String(byte & 15, radix: 16) }
    return text
  }
}
