internal import RelayCore

/// A result as bytes: version (1 byte), attempts (4), milliseconds (8), length of the request id plus one (2; 0 without
/// one), request id, body. Numbers are little-endian.
extension StoredResult {
  private static let version: UInt8 = 1
  private static let headSize = 15

  var bytes: [UInt8] {
    var bytes: [UInt8] = [Self.version]
    bytes.reserveCapacity(Self.headSize + (requestID?.utf8.count ?? 0) + body.count)
    Self.append(UInt32(clamping: attempts), to: &bytes)
    Self.append(milliseconds, to: &bytes)
    let id = requestID.map { Array($0.utf8.prefix(Int(UInt16.max) - 1)) }
    Self.append(UInt16(id.map { $0.count + 1 } ?? 0), to: &bytes)
    bytes += id ?? []
    bytes += body
    return bytes
  }

  /// Reads what ``bytes`` made; nil when it is anything else.
  init?(bytes: [UInt8]) {
    guard bytes.count >= Self.headSize, bytes[0] == Self.version else { return nil }
    let idLength = Int(Self.number(UInt16.self, bytes, at: 13))
    let bodyStart = Self.headSize + max(0, idLength - 1)
    guard bodyStart <= bytes.count else { return nil }
    var id: String?
    if idLength > 0 {
      guard let text = String(validating: bytes[Self.headSize..<bodyStart], as: UTF8.self) else { return nil }
      id = text
    }
    self.init(
      body: Array(bytes[bodyStart...]), attempts: Int(Self.number(UInt32.self, bytes, at: 1)),
      milliseconds: Self.number(Int64.self, bytes, at: 5), requestID: id)
  }

  private static func append<Number: FixedWidthInteger>(_ number: Number, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
  }

  private static func number<Number: FixedWidthInteger>(_: Number.Type, _ bytes: [UInt8], at offset: Int) -> Number {
    bytes.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self)) }
  }
}
