import FoundationEssentials

/// Token texts of realistic size and form: base64 of something that begins like a signed structure.
enum TokenText {
  /// 3 to 5 KB of text, never the same twice.
  static func make() -> String {
    let size = Int.random(in: 2320...3700)
    var bytes: [UInt8] = [0x30, 0x82, UInt8(size >> 8), UInt8(size & 0xff)]
    bytes.reserveCapacity(size + 4)
    var generator = SystemRandomNumberGenerator()
    while bytes.count < size + 4 {
      var word = generator.next()
      for _ in 0..<8 where bytes.count < size + 4 {
        bytes.append(UInt8(truncatingIfNeeded: word))
        word >>= 8
      }
    }
    return String(Data(bytes).base64EncodedString().map { $0 == "/" ? "-" : $0 })
  }
}
