/// Reads addresses of Redis: `redis[s]://[user][:password]@host[:port][/database]`, as the registered schemes have it.
public enum RedisURL {
  /// Why a text is no address of Redis; never contains the password.
  public struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong and what would be right.
    public let description: String
  }

  /// The endpoint of a URL. The port defaults to 6379, the database to 0. User and password are percent-decoded.
  public static func parse(_ text: String) throws(Problem) -> RedisEndpoint {
    let (usesTLS, rest) = try scheme(text)
    let login = rest.lastIndex(of: "@").map { rest[..<$0] }
    let place = login.map { rest[rest.index(after: $0.endIndex)...] } ?? rest
    let slash = place.firstIndex(of: "/") ?? place.endIndex
    var endpoint = try hostAndPort(place[..<slash])
    endpoint.usesTLS = usesTLS
    endpoint.database = try database(place[slash...])
    if let login { try readLogin(login, into: &endpoint) }
    return endpoint
  }

  private static func scheme(_ text: String) throws(Problem) -> (Bool, Substring) {
    if text.hasPrefix("redis://") { return (false, text.dropFirst("redis://".count)) }
    if text.hasPrefix("rediss://") { return (true, text.dropFirst("rediss://".count)) }
    throw Problem(description: "an address of Redis begins with redis:// or rediss:// (with TLS)")
  }

  private static func readLogin(_ login: Substring, into endpoint: inout RedisEndpoint) throws(Problem) {
    guard !login.contains(where: { "/?#@".contains($0) }) else {
      throw Problem(description: "in a user or password write %2F for /, %3F for ?, %23 for # and %40 for @")
    }
    let colon = login.firstIndex(of: ":") ?? login.endIndex
    let user = try decode(login[..<colon], "user")
    endpoint.user = user.isEmpty ? nil : user
    guard colon < login.endIndex else { return }
    let password = try decode(login[login.index(after: colon)...], "password")
    endpoint.password = password.isEmpty ? nil : password
  }

  private static func hostAndPort(_ text: Substring) throws(Problem) -> RedisEndpoint {
    var host = text
    var port: Substring?
    if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
      host = text[text.index(after: text.startIndex)..<end]
      let rest = text[text.index(after: end)...]
      guard rest.isEmpty || rest.hasPrefix(":") else {
        throw Problem(description: "only a port may follow the address in brackets")
      }
      port = rest.isEmpty ? nil : rest.dropFirst()
    } else if let colon = text.firstIndex(of: ":") {
      host = text[..<colon]
      port = text[text.index(after: colon)...]
    }
    guard !host.isEmpty else { throw Problem(description: "the address of Redis names no host") }
    guard
      host.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value < 0x7F && !"?#%,\\".unicodeScalars.contains($0) })
    else { throw Problem(description: "the host of Redis has a character that no host name has") }
    guard let port else { return RedisEndpoint(host: String(host)) }
    guard let number = Int(port), (1...65_535).contains(number) else {
      throw Problem(description: "the port of Redis is not a number from 1 to 65535")
    }
    return RedisEndpoint(host: String(host), port: number)
  }

  private static func database(_ path: Substring) throws(Problem) -> Int {
    let text = path.dropFirst()
    guard !text.isEmpty else { return 0 }
    guard let number = Int(text), (0...65_535).contains(number) else {
      throw Problem(description: "behind the host of Redis only the number of a database may follow, as in /0")
    }
    return number
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
        throw Problem(description: "the \(part) has a % that two hex digits do not follow; write %25 for %")
      }
      bytes.append(high << 4 | low)
    }
    guard let decoded = String(validating: bytes, as: UTF8.self) else {
      throw Problem(description: "the \(part) is not UTF-8")
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
