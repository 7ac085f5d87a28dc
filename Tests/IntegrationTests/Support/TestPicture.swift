/// Small PNG files, made here so that tests know every byte.
enum TestPicture {
  /// A grey picture; the seed changes its bytes, not its size.
  static func png(width: Int = 64, height: Int = 32, seed: Int = 0) -> [UInt8] {
    let text = Array("Comment\0\(seed)".utf8)
    return signature + chunk("IHDR", number(width) + number(height) + [8, 0, 0, 0, 0]) + chunk("tEXt", text)
      + chunk("IDAT", deflated(width: width, height: height)) + chunk("IEND", [])
  }

  private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// The rows in one stored block of zlib.
  private static func deflated(width: Int, height: Int) -> [UInt8] {
    let rows = [UInt8](repeating: 0, count: (width + 1) * height)
    let length = UInt16(rows.count)
    var adler: (UInt32, UInt32) = (1, 0)
    for byte in rows {
      adler.0 = (adler.0 + UInt32(byte)) % 65_521
      adler.1 = (adler.1 + adler.0) % 65_521
    }
    let lengths = [length, ~length].flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    return [0x78, 0x01, 0x01] + lengths + rows + number(Int(adler.1 << 16 | adler.0))
  }

  private static func chunk(_ kind: String, _ data: [UInt8]) -> [UInt8] {
    let content = Array(kind.utf8) + data
    return number(data.count) + content + number(Int(checksum(content)))
  }

  private static func number(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(value >> $0 & 0xFF) } }

  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var sum = UInt32.max
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
    }
    return ~sum
  }
}
