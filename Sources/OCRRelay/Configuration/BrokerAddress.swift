/// A first look at addresses of brokers; the AMQP connection reads them in full.
enum BrokerAddress {
  /// The addresses of a list or of a text. A comma in a text separates two addresses only where another scheme follows;
  /// elsewhere it separates the hosts of one address.
  static func split(_ text: SettingText) -> [String] {
    guard case .one = text else { return text.parts }
    return text.parts.reduce(into: []) { addresses, part in
      if addresses.isEmpty || scheme(of: part) != nil {
        addresses.append(part)
      } else {
        addresses[addresses.count - 1] += "," + part
      }
    }
  }

  static func isPlausible(_ text: String) -> Bool {
    guard let scheme = scheme(of: text) else { return false }
    let rest = text.dropFirst(scheme.count)
    return rest.first.map { $0 != "/" } ?? false && text.allSatisfy { !$0.isWhitespace }
  }

  /// The address with a mark in place of the password.
  static func withoutPassword(_ text: String) -> String {
    guard let scheme = scheme(of: text) else { return "<secret>" }
    let rest = text.dropFirst(scheme.count)
    // A password may contain a slash that somebody forgot to encode, so the last @ ends it.
    guard let at = rest.lastIndex(of: "@") else { return text }
    guard let colon = rest[..<at].firstIndex(of: ":") else { return text }
    return scheme + rest[..<colon] + ":<secret>" + rest[at...]
  }

  private static func scheme(of text: String) -> String? {
    ["amqp://", "amqps://"].first { text.hasPrefix($0) }
  }
}
