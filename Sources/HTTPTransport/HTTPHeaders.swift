internal import CCurl

/// Headers that were checked once and are sent with many calls, such as a token.
///
/// Immutable: a new token is a new object. Calls in flight keep the one they began with.
public final class HTTPHeaders: @unchecked Sendable, CustomStringConvertible {
  // @unchecked: the lines and the list are never changed after `init`; libcurl only reads them.

  private let lines: [HTTPHeaderLine]
  /// One node per line, chained, ending with the suppressed defaults; the texts belong to `lines`.
  private let nodes: UnsafeMutableBufferPointer<curl_slist>

  /// Checks each pair as ``HTTPHeaderLine`` does.
  ///
  /// Without a `Content-Type` among them none is sent. `Expect` is never sent: a server that does not answer it
  /// would delay each body over 1 MiB by a second.
  public init(_ fields: [(name: String, value: String)] = []) throws(HTTPClientError) {
    var lines: [HTTPHeaderLine] = []
    for field in fields { lines.append(try HTTPHeaderLine(name: field.name, value: field.value)) }
    self.lines = lines
    var texts = lines.map(\.text)
    texts.append(Self.suppressExpect)
    if !lines.contains(where: { $0.name.lowercased() == "content-type" }) { texts.append(Self.suppressContentType) }
    nodes = .allocate(capacity: texts.count)
    for (index, text) in texts.enumerated() {
      let next = index + 1 < texts.count ? nodes.baseAddress.map { $0 + index + 1 } : nil
      nodes.initializeElement(at: index, to: curl_slist(data: text, next: next))
    }
  }

  deinit {
    nodes.deinitialize()
    nodes.deallocate()
  }

  /// The list for libcurl; valid while this object lives, and never to be freed or changed.
  var list: UnsafeMutablePointer<curl_slist>? { nodes.baseAddress }

  /// The names alone: values may be secrets.
  public var description: String { lines.map(\.name).joined(separator: ", ") }

  // "Name:" tells libcurl not to send its default. The strings live as long as the process.
  nonisolated(unsafe) private static let suppressExpect = permanentText("Expect:")
  nonisolated(unsafe) private static let suppressContentType = permanentText("Content-Type:")

  // nonisolated(unsafe) above: written once by the thread-safe initialisation of a static, only read afterwards.
  private static func permanentText(_ text: StaticString) -> UnsafeMutablePointer<CChar> {
    let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: text.utf8CodeUnitCount + 1)
    text.withUTF8Buffer { bytes in
      for (index, byte) in bytes.enumerated() { copy[index] = CChar(bitPattern: byte) }
    }
    copy[text.utf8CodeUnitCount] = 0
    guard let base = copy.baseAddress else { preconditionFailure("an allocation of at least one byte has an address") }
    return base
  }
}
