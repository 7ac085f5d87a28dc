import Foundation
import RelayCore
import Testing

struct ImageSnifferTests {
  private func sniff(_ bytes: [UInt8], isComplete: Bool = true) -> ImageFinding {
    bytes.withUnsafeBytes { ImageSniffer.sniff($0, isComplete: isComplete) }
  }

  private func sniffBase64(_ text: String, isComplete: Bool = true) -> ImageFinding {
    Array(text.utf8).withUnsafeBytes { ImageSniffer.sniff(base64: $0, isComplete: isComplete) }
  }

  @Test(arguments: SampleImage.all)
  func readsKindAndSize(_ sample: SampleImage) {
    let size = ImageFinding.Size.pixels(width: SampleImage.width, height: SampleImage.height)
    let expected = ImageFinding(kind: sample.kind, size: sample.hasSize ? size : .unknown)
    #expect(sniff(sample.bytes) == expected)
    #expect(sniffBase64(sample.base64) == expected)
  }

  /// A cut never makes up a size, and only a file known to be whole is called damaged.
  @Test(arguments: SampleImage.all)
  func survivesEveryPrefix(_ sample: SampleImage) {
    let whole = sniff(sample.bytes)
    for count in 0..<sample.bytes.count {
      let prefix = Array(sample.bytes.prefix(count))
      let open = sniff(prefix, isComplete: false)
      #expect([whole.kind, nil].contains(open.kind))
      #expect([whole.size, .unknown].contains(open.size))
      #expect([whole.size, .unknown, .damaged].contains(sniff(prefix).size))
      #expect(sniffBase64(Data(prefix).base64EncodedString()) == sniff(prefix))
    }
  }

  @Test func survivesAnyBytes() {
    let seed = CheckRandom.seed("ImageSniffer")
    var random = CheckRandom(seed: seed)
    var sizes = 0
    for round in 0..<100_000 {
      var bytes = SampleImage.all[round % SampleImage.all.count].bytes
      let reach = min(bytes.count, 200)
      for _ in 0..<Int.random(in: 1...12, using: &random) {
        bytes[Int.random(in: 0..<reach, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
      }
      let finding = sniff(Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random))))
      if case .pixels(let width, let height) = finding.size {
        sizes += 1
        #expect(width > 0 && height > 0 && width <= 1 << 32 && height <= 1 << 32, "seed \(seed)")
      }
    }
    #expect(sizes > 10_000)
  }

  @Test(
    arguments: [
      ("", nil), ("hello, world", nil), ("BMX-Rad 2024 for everyone", nil), ("8BPS\u{0}\u{1}", .psd),
      ("%PDF-1.7", .pdf),
      ("PK\u{3}\u{4}rest", .ofd), ("\u{0}\u{0}\u{0} ftypheic....", .heif), ("\u{0}\u{0}\u{0} ftypisom....", nil),
      ("GIF88a..........", nil), ("RIFF....WAVEfmt ", nil),
    ] as [(String, ImageKind?)])
  func tellsKindsApart(_ text: String, _ kind: ImageKind?) {
    #expect(sniff(Array(text.utf8)).kind == kind)
  }

  @Test func readsHugeSizesWithoutOverflow() {
    let png: [UInt8] = [0x89] + Array("PNG\r\n\u{1A}\n".utf8) + [0, 0, 0, 13] + Array("IHDR".utf8)
    #expect(sniff(png + [UInt8](repeating: 0xFF, count: 8)).size == .pixels(width: 0xFFFF_FFFF, height: 0xFFFF_FFFF))
    #expect(sniff(png + [0, 0, 0, 0, 0, 0, 0, 9]).size == .damaged)
    // A bitmap whose rows run downwards, with the lowest height there is.
    let bmp = Array("BM".utf8) + [UInt8](repeating: 0, count: 12) + [40, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0x80]
    #expect(sniff(bmp).size == .pixels(width: 7, height: 1 << 31))
    let old = Array("BM".utf8) + [UInt8](repeating: 0, count: 12) + [12, 0, 0, 0, 7, 0, 9, 0]
    #expect(sniff(old).size == .pixels(width: 7, height: 9))
  }

  @Test func boundsTheWalkThroughSegments() {
    let start: [UInt8] = [0xFF, 0xD8]
    let comment: [UInt8] = [0xFF, 0xFE, 0, 2]
    let frame: [UInt8] = [0xFF, 0xC2, 0, 17, 8, 0, 9, 0, 7]
    func file(_ comments: Int) -> [UInt8] { start + (0..<comments).flatMap { _ in comment } + frame }
    #expect(sniff(file(63)).size == .pixels(width: 7, height: 9))
    #expect(sniff(file(64)).size == .unknown)
    #expect(sniff(file(1_000_000)).size == .unknown)
    #expect(sniff(start + [UInt8](repeating: 0xFF, count: 100_000)).size == .unknown)
    #expect(sniff(start + [0xFF, 0xFE, 0, 1] + frame).size == .damaged)
    #expect(sniff(start + [0xFF, 0xDA, 0, 2]).size == .damaged)
    #expect(sniff(start + [0xFF, 0xC0, 0, 17, 8, 0, 0, 0, 7]).size == .unknown)
  }

  @Test func boundsTheWalkThroughDirectories() {
    let header: [UInt8] = Array("II".utf8) + [42, 0, 8, 0, 0, 0]
    #expect(sniff(header + [0, 0, 8, 0, 0, 0]).size == .damaged, "a directory that follows itself")
    #expect(sniff(header + [0, 0, 0, 0, 0, 0]).size == .damaged, "no directory with a size")
    #expect(sniff(header + [0xFF, 0xFF]).size == .unknown, "too many entries")
    #expect(sniff(Array("II".utf8) + [42, 0, 0xFF, 0xFF, 0xFF, 0xFF]).size == .damaged, "points behind the end")
    #expect(sniff(Array("MM".utf8) + [0, 43, 0, 8, 0, 0]) == ImageFinding(kind: .tiff, size: .unknown))
    // A chain of empty directories, longer than is followed.
    let chain = (1...40).flatMap { [0, 0, UInt8(8 + $0 * 6), 0, 0, 0] as [UInt8] }
    #expect(sniff(header + chain).size == .unknown)
    // Width as a short, length as a long, with a stranger between.
    func entry(_ tag: UInt16, _ type: UInt8, _ value: UInt8) -> [UInt8] {
      [UInt8(tag & 255), UInt8(tag >> 8), type, 0, 1, 0, 0, 0, value, 0, 0, 0]
    }
    let entries = entry(256, 3, 7) + entry(258, 3, 8) + entry(257, 4, 9)
    #expect(sniff(header + [3, 0] + entries + [0, 0, 0, 0]).size == .pixels(width: 7, height: 9))
  }
}
