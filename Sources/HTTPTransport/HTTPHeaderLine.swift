internal import Glibc

/// One header, checked once: `name: value`.
///
/// A line can be shared by any number of calls. Its text is never printed.
public final class HTTPHeaderLine: @unchecked Sendable, CustomStringConvertible {
  // @unchecked: the C string is never changed after `init`.

  /// The name as given.
  public let name: String
  /// The line as a C string, owned by this object.
  let text: UnsafeMutablePointer<CChar>

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
    // An empty value is written with a semicolon; after a colon libcurl would take it as "do not send this header".
    let line = value.isEmpty ? "\(name);" : "\(name): \(value)"
    guard let text = strdup(line) else { throw .libraryFailed(operation: "strdup", detail: "out of memory") }
    self.name = name
    self.text = text
  }

  deinit {
    free(text)
  }

  /// The name alone: the value may be a secret.
  public var description: String { "\(name): (not shown)" }
}
