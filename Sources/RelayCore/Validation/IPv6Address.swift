/// An IPv6 address.
struct IPv6Address: Equatable {
  /// Eight groups of 16 bits.
  let groups: [UInt16]

  /// Reads any legal spelling, with `::` and with an IPv4 address at the end; nil for everything else, a zone included.
  init?(_ text: UnsafeRawBufferPointer) {
    var (head, tail): ([UInt16], [UInt16]) = ([], [])
    var hasGap = false
    var offset = 0
    if text.starts(with: [UInt8(ascii: ":"), UInt8(ascii: ":")]) {
      hasGap = true
      offset = 2
    }
    while offset < text.count {
      guard head.count + tail.count < 8 else { return nil }
      let end = text[offset...].firstIndex(of: UInt8(ascii: ":")) ?? text.count
      guard
        let groups = Self.groups(of: UnsafeRawBufferPointer(rebasing: text[offset..<end]), isLast: end == text.count)
      else { return nil }
      if hasGap { tail += groups } else { head += groups }
      guard end < text.count else { break }
      offset = end + 1
      guard offset < text.count else { return nil }  // a single colon at the end
      if text[offset] == UInt8(ascii: ":") {
        guard !hasGap else { return nil }
        hasGap = true
        offset += 1
      }
    }
    let missing = 8 - head.count - tail.count
    guard hasGap ? missing >= 1 : missing == 0 else { return nil }
    groups = head + [UInt16](repeating: 0, count: missing) + tail
  }

  /// One group of up to four hexadecimal digits, or the two groups of an IPv4 address.
  private static func groups(of text: UnsafeRawBufferPointer, isLast: Bool) -> [UInt16]? {
    if isLast, let address = IPv4Address(text) {
      return [UInt16(address.value >> 16), UInt16(truncatingIfNeeded: address.value)]
    }
    guard (1...4).contains(text.count) else { return nil }
    var value: UInt16 = 0
    for byte in text {
      guard let digit = hexValue(byte) else { return nil }
      value = value << 4 | UInt16(digit)
    }
    return [value]
  }

  /// True when the address is routed on the internet. Addresses that carry an IPv4 address are as public as that.
  var isPublic: Bool {
    switch (groups[0], groups[1]) {
    case (0x2002, _): embedded(at: 1).isPublic  // 6to4
    case (0x2001, 0x0000...0x01FF), (0x2001, 0x0DB8): false  // special purposes, Teredo; documentation
    case (0x3FFF, 0x0000...0x0FFF): false  // documentation
    case (0x0064, 0xFF9B): groups[2...5].allSatisfy { $0 == 0 } && embedded(at: 6).isPublic  // NAT64
    case (0x2000...0x3FFF, _): true  // everything else that has been given out
    default: isMapped && embedded(at: 6).isPublic
    }
  }

  /// `::ffff:a.b.c.d`.
  private var isMapped: Bool { groups[0...4].allSatisfy { $0 == 0 } && groups[5] == 0xFFFF }

  private func embedded(at position: Int) -> IPv4Address {
    IPv4Address(value: UInt32(groups[position]) << 16 | UInt32(groups[position + 1]))
  }
}
