/// One header, checked once: `name: value`.
///
/// A line can be shared by any number of calls. Its value is never printed.
public final class HTTPHeaderLine: Sendable, CustomStringConvertible {
  /// The name as given.
  public let name: String
  /// The line as it is sent, with the line break that ends it.
  let bytes: [UInt8]

  /// Checks name and value.
  ///
  /// Refused are names that are not tokens (RFC 9110), values with anything but printable ASCII, inner spaces and
  /// tabs, and the names of headers that frame the message or choose the connection: those belong to the client.
  public init(name: String, value: String) throws(HTTPClientError) {
    guard HeaderRules.isToken(name) else {
      throw .invalidHeader(
        name: HeaderRules.printable(name), problem: "the name contains characters that are not allowed")
    }
    guard !HeaderRules.isReserved(name) else {
      throw .invalidHeader(name: name, problem: "this header is set by the client itself")
    }
    guard HeaderRules.isFieldValue(value) else {
      throw .invalidHeader(
        name: name, problem: "the value must be printable ASCII without line breaks and without spaces at its ends")
    }
    self.name = name
    bytes = Array((value.isEmpty ? "\(name):\r\n" : "\(name): \(value)\r\n").utf8)
  }

  /// The name alone: the value may be a secret.
  public var description: String { "\(name): (not shown)" }
}
