import CTesseract
import FoundationEssentials
import Glibc

/// One Tesseract engine on a thread of its own: a call may take seconds and must block neither the event loops nor
/// the tasks of Swift.
actor RecogniserEngine {
  private let executor: QueueExecutor
  /// Reads Chinese, and Latin letters well enough to see that a line is not Chinese.
  private let chinese: TesseractHandle
  /// Reads the lines that are not Chinese; both languages in one engine turn Chinese words into English ones.
  private let english: TesseractHandle
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Loads the languages, about a third of a second.
  init() throws(RecogniserError) {
    executor = QueueExecutor(label: "ocr-sandbox.recogniser")
    guard let chinese = TesseractHandle(languages: "chi_sim"), let english = TesseractHandle(languages: "eng") else {
      throw .languagesMissing
    }
    self.chinese = chinese
    self.english = english
  }

  /// Decodes the file and reads all text; nil when the file is damaged.
  func read(_ file: Data, findDirection: Bool) -> Page? {
    Self.useOneThread()
    guard let picture = Picture(decoding: file) else { return nil }
    guard findDirection else { return page(of: picture, quarters: 0, original: (picture.width, picture.height)) }
    let quarters = Orientation.quartersToUpright(picture)
    guard quarters != 0, let upright = picture.turned(quarters: quarters) else {
      var page = page(of: picture, quarters: 0, original: (picture.width, picture.height))
      page.direction = 0
      return page
    }
    var page = page(of: upright, quarters: quarters, original: (picture.width, picture.height))
    page.direction = Double((4 - quarters) * 90)
    return page
  }

  private func page(of picture: borrowing Picture, quarters: Int, original: (width: Int, height: Int)) -> Page {
    let factor = Self.magnification(width: picture.width, height: picture.height)
    let mapping = BoxMapping(factor: factor, quarters: quarters, width: picture.width, height: picture.height)
    var lines: [Line]
    if factor > 1, let larger = picture.scaled(by: factor) {
      lines = recognise(larger, mapping: mapping)
    } else {
      lines = recognise(picture, mapping: mapping)
    }
    lines.removeAll { $0.text.allSatisfy(\.isWhitespace) }
    return Page(width: original.width, height: original.height, direction: nil, lines: lines)
  }

  private func recognise(_ picture: borrowing Picture, mapping: BoxMapping) -> [Line] {
    var lines = Self.read(picture, with: chinese, area: nil, mode: PSM_AUTO)
    for index in lines.indices where Run(lines[index]).isMostlyLatin {
      let area = lines[index].box.enlarged(by: 6, width: picture.width, height: picture.height)
      let again = Self.read(picture, with: english, area: area, mode: PSM_SINGLE_LINE)
      if again.count == 1, again[0].confidence >= lines[index].confidence { lines[index] = again[0] }
    }
    return lines.map { $0.mapped(mapping) }
  }

  private static func read(
    _ picture: borrowing Picture, with tesseract: borrowing TesseractHandle, area: Box?, mode: TessPageSegMode
  ) -> [Line] {
    let handle = tesseract.pointer
    defer { TessBaseAPIClear(handle) }
    TessBaseAPISetPageSegMode(handle, mode)
    TessBaseAPISetImage2(handle, picture.pix)
    TessBaseAPISetSourceResolution(handle, 200)
    if let area {
      TessBaseAPISetRectangle(
        handle, Int32(area.left), Int32(area.top), Int32(area.width), Int32(area.height))
    }
    guard TessBaseAPIRecognize(handle, nil) == 0, let iterator = TessBaseAPIGetIterator(handle) else { return [] }
    defer { TessResultIteratorDelete(iterator) }
    return ResultReader(iterator: iterator).lines()
  }

  /// Small pictures are read better enlarged.
  private static func magnification(width: Int, height: Int) -> Double {
    max(width, height) < 700 ? 2 : 1
  }

  /// Tesseract's OpenMP threads only make it slower. The environment variable is read before `main`, so the library
  /// is told directly; the setting belongs to the calling thread, hence before each call.
  private static func useOneThread() {
    guard let symbol = dlsym(nil, "omp_set_num_threads") else { return }
    // The C declaration is `void omp_set_num_threads(int)`.
    unsafeBitCast(symbol, to: (@convention(c) (Int32) -> Void).self)(1)
  }
}
