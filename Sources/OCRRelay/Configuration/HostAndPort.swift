/// `host:port`; an IPv6 address stands in brackets.
struct HostAndPort: Sendable, Equatable {
  var host: String
  var port: Int

  /// Nil when the text is not an address and a port from 1 to 65535 (0 lets the system choose one).
  init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]) else { return nil }
    guard (0...65535).contains(port) else { return nil }
    var host = text[..<colon]
    if host.first == "[" {
      guard host.last == "]", host.utf8.count > 2 else { return nil }
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    guard !host.isEmpty, host.allSatisfy({ !$0.isWhitespace && $0 != "/" && $0 != "@" }) else { return nil }
    self.host = String(host)
    self.port = port
  }
}
