/// The OCR APIs that a backend offers, found by name in constant time.
public struct APICatalogue: Sendable {
  /// All APIs, ordered by name.
  public let apis: [APIDescription]
  private let index: NameIndex

  /// A catalogue of these APIs; their names must differ.
  public init(_ apis: [APIDescription]) {
    self.apis = apis.sorted { $0.name < $1.name }
    precondition(
      zip(self.apis, self.apis.dropFirst()).allSatisfy { $0.name != $1.name }, "APICatalogue: a name stands twice")
    index = NameIndex(self.apis.map(\.name))
  }

  /// All names, in order.
  public var names: [String] { apis.map(\.name) }

  /// The API of this name.
  public subscript(name: String) -> APIDescription? {
    var name = name
    return name.withUTF8 { self[bytes: UnsafeRawBufferPointer($0)] }
  }

  /// The API whose name is exactly these bytes, read during the call only and never copied.
  public subscript(bytes name: UnsafeRawBufferPointer) -> APIDescription? {
    index.position(of: name).map { apis[$0] }
  }

  /// The name that `name` was probably meant to be, for an error text: the nearest one by edit distance, ignoring case
  /// and reading `_`, `.`, `/` and a space as `-`. Nil when nothing is near enough to be a help.
  public func nearest(to name: String) -> String? {
    let wanted = Self.folded(name.utf8.prefix(64))
    guard !wanted.isEmpty else { return nil }
    var best: (name: String, distance: Int)?
    for api in apis {
      let distance = EditDistance.between(wanted, Array(api.name.utf8))
      if distance < best?.distance ?? .max { best = (api.name, distance) }
    }
    guard let best, best.distance <= max(1, wanted.count / 3) else { return nil }
    return best.name
  }

  private static func folded(_ name: some Sequence<UInt8>) -> [UInt8] {
    name.map { byte in
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
      case UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: " "): UInt8(ascii: "-")
      default: byte
      }
    }
  }
}
