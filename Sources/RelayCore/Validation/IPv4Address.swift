/// An IPv4 address.
struct IPv4Address: Equatable {
  let value: UInt32

  init(value: UInt32) { self.value = value }

  /// Reads four decimal numbers without leading zeros; nil for every other spelling.
  init?(_ text: UnsafeRawBufferPointer) {
    var value: UInt32 = 0
    var (parts, part, digits) = (0, 0, 0)
    for byte in text {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        guard digits == 0 || part > 0 else { return nil }
        part = part * 10 + Int(byte - UInt8(ascii: "0"))
        digits += 1
        guard part <= 255, digits <= 3 else { return nil }
      case UInt8(ascii: "."):
        guard digits > 0, parts < 3 else { return nil }
        value = value << 8 | UInt32(part)
        (parts, part, digits) = (parts + 1, 0, 0)
      default: return nil
      }
    }
    guard parts == 3, digits > 0 else { return nil }
    self.value = value << 8 | UInt32(part)
  }

  /// The special-purpose blocks of the IANA registry, multicast and the reserved rest.
  private static let specialBlocks: [(network: UInt32, bits: UInt32)] = [
    (0x0000_0000, 8), (0x0A00_0000, 8), (0x6440_0000, 10), (0x7F00_0000, 8), (0xA9FE_0000, 16), (0xAC10_0000, 12),
    (0xC000_0000, 24), (0xC000_0200, 24), (0xC058_6300, 24), (0xC0A8_0000, 16), (0xC612_0000, 15), (0xC633_6400, 24),
    (0xCB00_7100, 24), (0xE000_0000, 4), (0xF000_0000, 4),
  ]

  /// True when the address is routed on the internet.
  var isPublic: Bool {
    !Self.specialBlocks.contains { block in (value ^ block.network) >> (32 - block.bits) == 0 }
  }
}
