/// The HTTP port of a relay.
struct RelayAddress: Sendable, Hashable {
  /// What people call it.
  var name: String
  /// What it is asked at, `http://192.0.2.7:8080`.
  var url: String

  /// Most relays behind one name.
  private static let mostHosts = 100

  /// The relays behind an address: one for each host that its name stands for, as the name is now.
  static func resolve(_ address: String) async -> [RelayAddress] {
    guard let start = address.firstRange(of: "://")?.upperBound else { return [] }
    let scheme = address[..<start]
    let rest = address[start...]
    let authority = rest.prefix { $0 != "/" }
    guard let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") else {
      return [RelayAddress(name: String(authority), url: address)]
    }
    let host = String(authority[..<colon])
    let port = authority[colon...]
    let path = rest.dropFirst(authority.count)
    // A certificate is for a name, not for a number.
    guard scheme == "http://", IPAddress.bytes(host) == nil, !host.hasPrefix("[") else {
      return [RelayAddress(name: String(authority), url: address)]
    }
    let found = await IPAddress.addresses(of: host, limit: mostHosts)
    guard found.count > 1 else { return [RelayAddress(name: String(authority), url: address)] }
    return found.map { number in
      let shown = number.contains(":") ? "[\(number)]" : number
      return RelayAddress(name: "\(host) \(shown)\(port)", url: "\(scheme)\(shown)\(port)\(path)")
    }
  }
}
