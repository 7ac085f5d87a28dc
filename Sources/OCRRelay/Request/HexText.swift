/// Lower-case hexadecimal text.
enum HexText {
  static func encode(_ bytes: some Collection<UInt8>) -> String {
    String(unsafeUninitializedCapacity: bytes.count * 2) { text in
      var count = 0
      for byte in bytes {
        text[count] = digit(byte >> 4)
        text[count + 1] = digit(byte & 15)
        count += 2
      }
      return count
    }
  }

  /// The digits of 16 bytes.
  static func encode(_ bytes: (UInt64, UInt64)) -> String {
    String(unsafeUninitializedCapacity: 32) { room in
      let room = UnsafeMutableRawBufferPointer(room)
      room.storeBytes(of: digits(of: bytes.0), toByteOffset: 0, as: SIMD2<UInt64>.self)
      room.storeBytes(of: digits(of: bytes.1), toByteOffset: 16, as: SIMD2<UInt64>.self)
      return 32
    }
  }

  /// 16 digits of 8 bytes, both as they lie in memory.
  private static func digits(of bytes: UInt64) -> SIMD2<UInt64> {
    let bytes = UInt64(littleEndian: bytes)
    return SIMD2(digits(ofHalf: bytes & 0xFFFF_FFFF).littleEndian, digits(ofHalf: bytes >> 32).littleEndian)
  }

  /// All at once: the half bytes are moved apart, the upper one first, and made digits by an addition without carry.
  private static func digits(ofHalf bytes: UInt64) -> UInt64 {
    var digits = (bytes >> 4) & 0x0F0F_0F0F | (bytes & 0x0F0F_0F0F) << 4
    digits = (digits | digits << 16) & 0x0000_FFFF_0000_FFFF
    digits = (digits | digits << 8) & 0x00FF_00FF_00FF_00FF
    digits = (digits | digits << 4) & 0x0F0F_0F0F_0F0F_0F0F
    let letters = (digits &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
    return digits &+ 0x3030_3030_3030_3030 &+ letters &* UInt64(UInt8(ascii: "a") - UInt8(ascii: "0") - 10)
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }
}
