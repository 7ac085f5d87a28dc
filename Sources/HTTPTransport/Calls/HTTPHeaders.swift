/// Headers that were checked once and are sent with many calls, such as a token.
///
/// Immutable: a new token is a new object. Calls in flight keep the one they began with.
public final class HTTPHeaders: Sendable, CustomStringConvertible {
  private let names: [String]
  /// The lines as they are sent, put together once: a token of some KB is then copied with each call, not formatted.
  let bytes: [UInt8]

  /// Checks each pair as ``HTTPHeaderLine`` does. Without an `Accept` among them, any type of answer is accepted.
  public init(_ fields: [(name: String, value: String)] = []) throws(HTTPClientError) {
    var lines: [HTTPHeaderLine] = []
    for field in fields { lines.append(try HTTPHeaderLine(name: field.name, value: field.value)) }
    names = lines.map(\.name)
    let accept = names.contains { $0.lowercased() == "accept" } ? [] : Array("Accept: */*\r\n".utf8)
    bytes = accept + lines.flatMap(\.bytes)
  }

  /// The names alone: values may be secrets.
  public var description: String { names.joined(separator: ", ") }
}
