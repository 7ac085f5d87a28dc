import Glibc

/// Finds a name's position by its bytes, in constant time and without making a `String`.
///
/// Used for API names and parameter names: both come out of a message as bytes, and a lookup per message must not
/// allocate. The table is built once from our own data and never changes.
public struct NameIndex: Sendable {
  /// All names one after another.
  private let text: [UInt8]
  /// Where each name starts in `text`, and one more entry for the end of the last.
  private let starts: [Int]
  /// Open addressing: position of a name, or -1.
  private let slots: [Int16]
  private let mask: UInt64

  /// Builds the table. Positions are those of `names`, which must not repeat.
  public init(_ names: [String]) {
    precondition(names.count < Int(Int16.max), "NameIndex: \(names.count) names do not fit")
    var text: [UInt8] = []
    var starts = [0]
    for name in names {
      text.append(contentsOf: name.utf8)
      starts.append(text.count)
    }
    var size = 8
    while size < names.count * 4 { size *= 2 }
    let mask = UInt64(size - 1)
    var slots = [Int16](repeating: -1, count: size)
    text.withUnsafeBytes { bytes in
      for position in names.indices {
        let name = UnsafeRawBufferPointer(rebasing: bytes[starts[position]..<starts[position + 1]])
        var slot = Int(Self.hash(name) & mask)
        while slots[slot] >= 0 { slot = (slot + 1) & Int(mask) }
        slots[slot] = Int16(position)
      }
    }
    self.text = text
    self.starts = starts
    self.slots = slots
    self.mask = mask
  }

  /// The position of the name with exactly these bytes; nil when there is none.
  ///
  /// - Parameter name: read during the call only. A raw buffer, because property values point into the frame memory
  ///   of a delivery and are never copied.
  public func position(of name: UnsafeRawBufferPointer) -> Int? {
    guard let wanted = name.baseAddress, !name.isEmpty else { return nil }
    var slot = Int(Self.hash(name) & mask)
    while true {
      let position = Int(slots[slot])
      guard position >= 0 else { return nil }
      let start = starts[position]
      if starts[position + 1] - start == name.count {
        // Unsafe: compares `name.count` bytes that both sides own, checked on the line above.
        let isEqual = text.withUnsafeBytes { bytes in
          bytes.baseAddress.map { memcmp($0 + start, wanted, name.count) == 0 } ?? false
        }
        if isEqual { return position }
      }
      slot = (slot + 1) & Int(mask)
    }
  }

  /// Mixes the length with the first and the last eight bytes; enough to tell our names apart.
  @inline(__always)
  private static func hash(_ name: UnsafeRawBufferPointer) -> UInt64 {
    let count = name.count
    var head: UInt64 = 0
    var tail: UInt64 = 0
    if count >= 8 {
      head = name.loadUnaligned(fromByteOffset: 0, as: UInt64.self)
      tail = name.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
    } else {
      for byte in name { head = head << 8 | UInt64(byte) }
    }
    let mixed = (head ^ (tail << 29 | tail >> 35) ^ UInt64(truncatingIfNeeded: count)) &* 0x9E37_79B9_7F4A_7C15
    return mixed >> 32
  }
}
