/// What the host of an address is, judged by its text alone.
enum HostKind: Equatable {
  /// A name with at least two labels that could be public.
  case publicName
  /// An IP address, plainly written and routed on the internet.
  case publicAddress
  /// An address or a name of this computer, a local network or the inside of a cloud.
  case notPublic
  /// A number that some resolvers read as an IP address: `0x7f.1`, `2130706433`, `010.0.0.1`.
  case oddAddress
  case malformed

  /// Ends of names that never lead to the internet, or that are known to lead to whatever address they spell.
  private static let localNames: [StaticString] = [
    ".localhost", ".local", ".localdomain", ".internal", ".intranet", ".private", ".corp", ".home", ".lan", ".arpa",
    ".nip.io", ".sslip.io", ".xip.io", ".localtest.me", ".lvh.me", ".lacolhost.com",
  ]
  /// The same names themselves.
  private static let localHosts: [StaticString] = ["localtest.me", "lvh.me", "lacolhost.com"]

  /// Judges a host out of an address.
  init(_ host: UnsafeRawBufferPointer) {
    if host.first == UInt8(ascii: "[") {
      self = Self.bracketed(host)
      return
    }
    // One dot at the end means the same name.
    let name = host.last == UInt8(ascii: ".") ? UnsafeRawBufferPointer(rebasing: host.dropLast()) : host
    guard let labels = Self.labelCount(of: name), name.count <= 253 else {
      self = .malformed
      return
    }
    if Self.isNumeric(Self.lastLabel(of: name)) {
      guard let address = IPv4Address(name) else {
        self = .oddAddress
        return
      }
      self = address.isPublic ? .publicAddress : .notPublic
    } else {
      self = labels > 1 && !Self.isLocal(name) ? .publicName : .notPublic
    }
  }

  private static func bracketed(_ host: UnsafeRawBufferPointer) -> HostKind {
    guard host.count > 2, host.last == UInt8(ascii: "]"),
      let address = IPv6Address(UnsafeRawBufferPointer(rebasing: host[1..<host.count - 1]))
    else { return .malformed }
    return address.isPublic ? .publicAddress : .notPublic
  }

  /// The number of labels; nil when one is empty, too long or has a character that no host name has.
  private static func labelCount(of name: UnsafeRawBufferPointer) -> Int? {
    var (labels, length) = (1, 0)
    for byte in name {
      switch byte {
      case UInt8(ascii: "."):
        guard length > 0 else { return nil }
        (labels, length) = (labels + 1, 0)
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
        length += 1
        guard length <= 63 else { return nil }
      default: return nil
      }
    }
    return length > 0 ? labels : nil
  }

  private static func lastLabel(of name: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    let dot = name.lastIndex(of: UInt8(ascii: "."))
    return UnsafeRawBufferPointer(rebasing: name[(dot.map { $0 + 1 } ?? 0)...])
  }

  /// Decimal, octal or hexadecimal: what makes a resolver try the host as a number.
  private static func isNumeric(_ label: UnsafeRawBufferPointer) -> Bool {
    let isHexadecimal = label.count >= 2 && label[0] == UInt8(ascii: "0") && label[1] | 0x20 == UInt8(ascii: "x")
    return isHexadecimal || label.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  private static func isLocal(_ name: UnsafeRawBufferPointer) -> Bool {
    localNames.contains { ASCII.hasSuffix(name, $0) } || localHosts.contains { ASCII.isEqual(name, $0) }
  }
}
