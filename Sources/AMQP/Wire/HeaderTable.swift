/// The headers of a message, kept as the bytes of their AMQP field table.
///
/// A table is read entry by entry and copied entry by entry, so headers that this service does not understand pass
/// through a dead letter or a retry unchanged, whatever their type. Nothing here recurses on outside data without a
/// bound: librabbitmq's own table decoder does, and a few kilobytes of nested tables then overflow the stack.
public struct HeaderTable: Sendable, Hashable {
  /// Tables nested deeper than this are refused.
  public static let maximumDepth = 16

  /// The entries' bytes, without the table's length field.
  public private(set) var bytes: [UInt8]

  /// An empty table.
  public init() {
    bytes = []
  }

  /// Takes the bytes of a table's entries from the wire. Nil when they are malformed or nested too deeply.
  public init?(wire bytes: some Collection<UInt8>) {
    self.bytes = Array(bytes)
    guard self.bytes.withUnsafeBytes({ HeaderTable.isWellFormed($0) }) else { return nil }
  }

  /// Takes the bytes of a table's entries as they are, well-formed or not.
  init(uncheckedWire bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Whether the table has no entries.
  public var isEmpty: Bool { bytes.isEmpty }

  /// The number of bytes that the entries take on the wire.
  public var encodedSize: Int { bytes.count }

  /// The text of an entry of type string, if there is one under `key`.
  public func string(_ key: String) -> String? {
    guard let entry = entry(key), entry.kind == UInt8(ascii: "S") else { return nil }
    return String(decoding: bytes[entry.value.dropFirst(4)], as: UTF8.self)
  }

  /// The value of an integer entry of any width, if there is one under `key`.
  public func integer(_ key: String) -> Int64? {
    guard let entry = entry(key) else { return nil }
    return bytes.withUnsafeBytes { all in
      FieldScanner.integer(kind: entry.kind, UnsafeRawBufferPointer(rebasing: all[entry.value]))
    }
  }

  /// The bytes of a string or byte array entry, if there is one under `key`.
  public func data(_ key: String) -> ArraySlice<UInt8>? {
    guard let entry = entry(key), entry.kind == UInt8(ascii: "S") || entry.kind == UInt8(ascii: "x") else { return nil }
    return bytes[entry.value.dropFirst(4)]
  }

  /// The keys in wire order; keys that are not UTF-8 are repaired.
  public var keys: [String] {
    entries().map { String(decoding: bytes[$0.key], as: UTF8.self) }
  }

  /// Makes room for entries of this many bytes together.
  public mutating func reserveCapacity(_ count: Int) {
    bytes.reserveCapacity(count)
  }

  /// Adds an entry. The caller sees to it that the key is not in use; keys are at most 255 bytes of UTF-8.
  public mutating func append(_ key: String, _ value: FieldValue) {
    FieldEncoder.append(key: key, value: value, to: &bytes)
  }

  /// A copy without the entries whose key `isExcluded` accepts.
  public func filtered(excluding isExcluded: (String) -> Bool) -> HeaderTable {
    var copy = HeaderTable()
    for entry in entries() where !isExcluded(String(decoding: bytes[entry.key], as: UTF8.self)) {
      copy.bytes.append(contentsOf: bytes[entry.whole])
    }
    return copy
  }

  /// A copy that keeps the entries, in order, as long as they fit into `limit` bytes together.
  public func limited(to limit: Int) -> HeaderTable {
    guard bytes.count > limit else { return self }
    var copy = HeaderTable()
    for entry in entries() where copy.bytes.count + entry.whole.count <= limit {
      copy.bytes.append(contentsOf: bytes[entry.whole])
    }
    return copy
  }

  // MARK: Entries

  struct Entry {
    var key: Range<Int>
    var kind: UInt8
    /// The value's bytes, a length field included.
    var value: Range<Int>
    var whole: Range<Int> { key.lowerBound - 1..<value.upperBound }
  }

  private func entries() -> [Entry] {
    bytes.withUnsafeBytes { all in
      var reader = ByteReader(all)
      var found: [Entry] = []
      while reader.remaining > 0, let entry = FieldScanner.entry(&reader, depth: 0) { found.append(entry) }
      return found
    }
  }

  func entry(_ key: String) -> Entry? {
    guard !bytes.isEmpty else { return nil }
    return bytes.withUnsafeBytes { all in
      var reader = ByteReader(all)
      while reader.remaining > 0, let entry = FieldScanner.entry(&reader, depth: 0) {
        if all[entry.key].elementsEqual(key.utf8) { return entry }
      }
      return nil
    }
  }

  static func isWellFormed(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var reader = ByteReader(bytes)
    while reader.remaining > 0 {
      guard FieldScanner.entry(&reader, depth: 0) != nil else { return false }
    }
    return true
  }
}
