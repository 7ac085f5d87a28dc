/// One address, or all whose first bits are the same: `10.1.2.3`, `10.0.0.0/8`, `fd00::/8`.
public struct AddressRange: Sendable, Equatable {
  private let bytes: [UInt8]
  private let bits: Int

  /// Reads it; nil when the text is none.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let bytes = Self.bytes(of: String(parts[0])) else { return nil }
    self.bytes = bytes
    guard parts.count == 2 else {
      bits = bytes.count * 8
      return
    }
    guard let bits = Int(parts[1]), (0...bytes.count * 8).contains(bits) else { return nil }
    self.bits = bits
  }

  /// Whether an address lies in it. An IPv4 address that came over IPv6 is the IPv4 address.
  public func contains(_ address: String) -> Bool {
    guard let other = Self.bytes(of: address), other.count == bytes.count else { return false }
    let whole = bits / 8
    guard other[..<whole] == bytes[..<whole] else { return false }
    let rest = bits % 8
    return rest == 0 || other[whole] >> (8 - rest) == bytes[whole] >> (8 - rest)
  }

  private static func bytes(of text: String) -> [UInt8]? {
    guard let address = IPAddress.bytes(text) else { return nil }
    let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
    return address.count == 16 && address.starts(with: mapped) ? Array(address[12...]) : address
  }
}
