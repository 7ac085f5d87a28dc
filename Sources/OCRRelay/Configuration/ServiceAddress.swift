/// An `http` or `https` address of a service: scheme, host, perhaps a port and a path.
struct ServiceAddress: Sendable, Equatable {
  /// The address without slashes at the end.
  var text: String
  var isEncrypted: Bool
  var host: String

  /// Nil when the text is no such address: user names, queries and blanks have no place in it.
  init?(_ text: String) {
    let scheme = ["https://", "http://"].first { text.hasPrefix($0) }
    guard let scheme, text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value < 0x7F }) else { return nil }
    guard !text.contains(where: { "@?#\\".contains($0) }) else { return nil }
    let authority = text.dropFirst(scheme.count).prefix { $0 != "/" }
    guard let host = Self.host(of: authority) else { return nil }
    var address = Substring(text)
    while address.last == "/" { address.removeLast() }
    self.text = String(address)
    self.isEncrypted = scheme == "https://"
    self.host = host
  }

  /// What follows host and port; empty without a path.
  var path: String {
    let rest = text.dropFirst(isEncrypted ? 8 : 7)
    return rest.firstIndex(of: "/").map { String(rest[$0...]) } ?? ""
  }

  /// The header `Host`: the port is named unless it is the usual one of the scheme.
  var hostHeader: String {
    let rest = text.dropFirst(isEncrypted ? 8 : 7).prefix { $0 != "/" }
    let usual = isEncrypted ? ":443" : ":80"
    return String(rest.hasSuffix(usual) ? rest.dropLast(usual.count) : rest)
  }

  /// Whether the host is this machine.
  var isLoopback: Bool { host == "localhost" || host == "::1" || Self.isIPv4Loopback(host) }

  private static func host(of authority: Substring) -> String? {
    let hasPort = authority.last == "]" ? false : authority.contains(":")
    return HostAndPort(hasPort ? String(authority) : authority + ":1")?.host
  }

  /// Only a literal address counts: a name such as `127.example.com` may lead anywhere.
  private static func isIPv4Loopback(_ host: String) -> Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}
