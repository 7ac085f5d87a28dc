internal import COpenSSL

/// A Lua script that the server runs as one step. It is sent once and then called by the hash of its text.
public struct RedisScript: Sendable, Hashable {
  /// The text.
  public let source: String
  /// SHA-1 of the text in hexadecimal, by which the server knows it.
  public let hash: String

  /// A script.
  public init(_ source: String) {
    self.source = source
    hash = Self.sha1(source)
  }

  private static func sha1(_ text: String) -> String {
    var text = text
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digest in
      let status = text.withUTF8 { EVP_Digest($0.baseAddress, $0.count, digest.baseAddress, nil, EVP_sha1(), nil) }
      precondition(status == 1, "OpenSSL offers no SHA-1")
      let digits = Array("0123456789abcdef".utf8)
      return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
  }
}

extension RedisScript {
  func call(_ verb: RedisArgument, _ text: String, _ keys: [RedisArgument], _ arguments: [RedisArgument])
    -> RedisCommand
  {
    RedisCommand([verb, .text(text), .integer(Int64(keys.count))] + keys + arguments)
  }
}
