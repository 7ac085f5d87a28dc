import Foundation

/// Picture files made by hand, for rules that look at kind and size alone.
enum Pictures {
  /// A white BMP.
  static func bmp(_ width: Int, _ height: Int) -> Data {
    let stride = (width * 3 + 3) / 4 * 4
    var bytes: [UInt8] = Array("BM".utf8)
    func add(_ value: Int, _ count: Int) {
      for place in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * place))) }
    }
    add(54 + stride * height, 4)
    add(0, 4)
    add(54, 4)
    add(40, 4)
    add(width, 4)
    add(height, 4)
    add(1, 2)
    add(24, 2)
    for value in [0, stride * height, 2835, 2835, 0, 0] { add(value, 4) }
    bytes += [UInt8](repeating: 255, count: stride * height)
    return Data(bytes)
  }

  /// The head of a PNG of any size; the pixels are missing.
  static func pngHead(_ width: Int, _ height: Int) -> Data {
    func big(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
    return Data(
      [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] + big(13) + Array("IHDR".utf8) + big(width) + big(height)
        + [8, 2, 0, 0, 0] + [UInt8](repeating: 0, count: 64))
  }

  static func base64(_ data: Data) -> String { data.base64EncodedString() }
  static var image: String { #"{"image":""# + base64(bmp(100, 120)) + #""}"# }
}
