/// Reads AMQP URLs: `amqp[s]://user:password@host:port/vhost`, with several hosts separated by commas.
public enum AMQPURL {
  /// Why a text is not an AMQP URL; never contains the password.
  public struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong and what would be right.
    public let description: String
  }

  /// The endpoints of a URL, in order. User and password default to `guest`, the port to 5672 or 5671, the virtual
  /// host to `/`. The path is percent-decoded: `/%2f` is the virtual host `/`, `/ocr` is `ocr`.
  public static func parse(_ text: String) throws(Problem) -> [BrokerEndpoint] {
    let (usesTLS, afterScheme) = try scheme(text)
    let (authority, path) = split(afterScheme, at: "/")
    let virtualHost = try path.map { path throws(Problem) in try readVirtualHost(path) }
    let (login, hosts) = splitLast(authority, at: "@")
    let (user, password) = try credentials(login)
    var endpoints: [BrokerEndpoint] = []
    for host in hosts.split(separator: ",", omittingEmptySubsequences: false) {
      let (name, port) = try hostAndPort(host, defaultPort: usesTLS ? 5671 : 5672)
      endpoints.append(
        BrokerEndpoint(
          host: name, port: port, user: user, password: password,
          virtualHost: virtualHost.flatMap { $0.isEmpty ? nil : $0 } ?? "/", usesTLS: usesTLS))
    }
    return endpoints
  }

  private static func scheme(_ text: String) throws(Problem) -> (Bool, Substring) {
    if text.hasPrefix("amqp://") { return (false, text.dropFirst("amqp://".count)) }
    if text.hasPrefix("amqps://") { return (true, text.dropFirst("amqps://".count)) }
    throw Problem(description: "an AMQP URL begins with amqp:// or amqps://")
  }

  private static func readVirtualHost(_ path: Substring) throws(Problem) -> String {
    // A password with a bare "/" ends the authority early; taken as a virtual host its rest would be printed.
    if path.contains("@") {
      throw Problem(
        description: "the AMQP URL has an @ behind a /; in a user or password write %2F for /, and %40 for @")
    }
    if path.contains(where: { $0 == "?" || $0 == "#" }) {
      throw Problem(description: "an AMQP URL takes no ? or # part here; write %3F or %23 if it belongs to a name")
    }
    let virtualHost = try decode(path, "virtual host")
    guard virtualHost.utf8.count <= 255 else {
      throw Problem(description: "the virtual host of the AMQP URL is longer than 255 bytes")
    }
    return virtualHost
  }

  private static func credentials(_ login: Substring?) throws(Problem) -> (String, String) {
    guard let login else { return ("guest", "guest") }
    let (user, password) = split(login, at: ":")
    return (try decode(user, "user"), try password.map { text throws(Problem) in try decode(text, "password") } ?? "")
  }

  private static func hostAndPort(_ text: Substring, defaultPort: Int) throws(Problem) -> (String, Int) {
    var name = text
    var port: Substring?
    if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
      name = text[text.index(after: text.startIndex)..<end]
      let rest = text[text.index(after: end)...]
      guard rest.isEmpty || rest.hasPrefix(":") else {
        throw Problem(description: "the AMQP URL has something other than a port behind the address in brackets")
      }
      port = rest.isEmpty ? nil : rest.dropFirst()
    } else {
      (name, port) = split(text, at: ":")
    }
    guard !name.isEmpty else { throw Problem(description: "the AMQP URL names no host") }
    guard !name.contains(where: { "?#%".contains($0) || $0.isWhitespace }) else {
      throw Problem(description: "the host of the AMQP URL has a character that no host name has: ?, #, % or a space")
    }
    guard let port else { return (String(name), defaultPort) }
    guard let number = Int(port), (1...65_535).contains(number) else {
      throw Problem(description: "the port of the AMQP URL is not a number from 1 to 65535")
    }
    return (String(name), number)
  }

  private static func split(_ text: Substring, at separator: Character) -> (Substring, Substring?) {
    guard let index = text.firstIndex(of: separator) else { return (text, nil) }
    return (text[..<index], text[text.index(after: index)...])
  }

  private static func splitLast(_ text: Substring, at separator: Character) -> (Substring?, Substring) {
    guard let index = text.lastIndex(of: separator) else { return (nil, text) }
    return (text[..<index], text[text.index(after: index)...])
  }

  private static func decode(_ text: Substring, _ part: String) throws(Problem) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(hexValue), let low = rest.popFirst().flatMap(hexValue) else {
        throw Problem(
          description: "the \(part) of the AMQP URL has a % that two hex digits do not follow; write %25 for %")
      }
      bytes.append(high << 4 | low)
    }
    guard let decoded = String(validating: bytes, as: UTF8.self) else {
      throw Problem(description: "the \(part) of the AMQP URL is not UTF-8")
    }
    return decoded
  }

  private static func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
