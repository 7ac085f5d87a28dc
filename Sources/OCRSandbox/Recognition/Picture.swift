import CTesseract
import FoundationEssentials

/// Decoded pixels; owns the C picture and frees it.
struct Picture: ~Copyable {
  /// The C handle; it never leaves this target.
  let pix: UnsafeMutablePointer<Pix>

  /// Keeps Leptonica from writing to standard error about each damaged picture; a setting of the whole process.
  static func silenceLibrary() { setMsgSeverity(Int32(L_SEVERITY_NONE)) }

  /// Sides in pixels, read from the head of the file alone; nil when the head is damaged.
  static func size(of file: Data) -> (width: Int, height: Int)? {
    var (format, width, height) = (Int32(0), Int32(0), Int32(0))
    let failed = file.withUnsafeBytes { bytes in
      pixReadHeaderMem(
        bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, &format, &width, &height, nil, nil, nil)
    }
    guard failed == 0, width > 0, height > 0 else { return nil }
    return (Int(width), Int(height))
  }

  /// Decodes a whole file; fails when any part of it is damaged.
  init?(decoding file: Data) {
    let decoded = file.withUnsafeBytes { bytes in
      pixReadMem(bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count)
    }
    guard let decoded else { return nil }
    guard let pixels = pixRemoveAlpha(decoded) else {
      Self.free(decoded)
      return nil
    }
    Self.free(decoded)
    pix = pixels
  }

  /// Takes over a picture that a C call made.
  init(owning pix: UnsafeMutablePointer<Pix>) { self.pix = pix }

  var width: Int { Int(pixGetWidth(pix)) }
  var height: Int { Int(pixGetHeight(pix)) }

  /// A copy turned clockwise by a number of quarter turns.
  func turned(quarters: Int) -> Picture? {
    pixRotateOrth(pix, Int32(((quarters % 4) + 4) % 4)).map(Picture.init(owning:))
  }

  /// A copy with both sides multiplied.
  func scaled(by factor: Double) -> Picture? {
    pixScale(pix, Float(factor), Float(factor)).map(Picture.init(owning:))
  }

  deinit { Self.free(pix) }

  private static func free(_ pix: UnsafeMutablePointer<Pix>) {
    var handle: UnsafeMutablePointer<Pix>? = pix
    pixDestroy(&handle)
  }
}
