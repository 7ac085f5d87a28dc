import CTesseract

/// Finds out how a page lies, with Tesseract's orientation data when it is installed.
enum Orientation {
  /// Quarter turns clockwise that make the text upright; 0 when it stands already or nothing can be said.
  static func quartersToUpright(_ picture: borrowing Picture) -> Int {
    guard let tesseract = TesseractHandle(languages: "osd") else { return 0 }
    let handle = tesseract.pointer
    TessBaseAPISetPageSegMode(handle, PSM_OSD_ONLY)
    TessBaseAPISetImage2(handle, picture.pix)
    var (degrees, certainty) = (Int32(0), Float(0))
    var (script, scriptCertainty) = (UnsafePointer<CChar>?.none, Float(0))
    guard TessBaseAPIDetectOrientationScript(handle, &degrees, &certainty, &script, &scriptCertainty) != 0,
      certainty > 1
    else { return 0 }
    return (4 - Int(degrees) / 90 % 4) % 4
  }
}
