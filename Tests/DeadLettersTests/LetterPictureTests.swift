import DeadLetters
import RelayCore
import Testing

struct LetterPictureTests {
  private static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13] + Array("IHDR".utf8)
  private static let base64 = "iVBORw0KGgoAAAANSUhEUg=="

  @Test func findsThePicture() {
    let file = LetterPicture.file(Self.png, .png)
    #expect(LetterPicture(body: Self.png, contentType: "image/png") == file)
    #expect(LetterPicture(body: Self.png, contentType: nil) == file)
    for json in [
      #"{"image":"\#(Self.base64)"}"#, #"{"a":1,"image":"data:image/png;base64,\#(Self.base64)"}"#,
      #"{"image":"iVBORw0KGgoAAAANSUhEUg\u003d\u003D"}"#,
    ] {
      #expect(LetterPicture(body: Array(json.utf8), contentType: "application/json") == file)
    }
  }

  /// Addresses of stored files often carry a signature.
  @Test func tellsOnlyTheHostOfAnAddress() {
    let json = #"{"url":"https:\/\/user:pw@pictures.example.com\/a.png?Signature=secret"}"#
    #expect(
      LetterPicture(body: Array(json.utf8), contentType: "application/json") == .address(host: "pictures.example.com"))
  }

  @Test(arguments: ["", "{", #"{"image":"#, "{}", #"{"image":5}"#]) func saysWhyThereIsNone(_ body: String) {
    guard case .none = LetterPicture(body: Array(body.utf8), contentType: "application/json") else {
      Issue.record("a picture in \(body)")
      return
    }
  }

  @Test func survivesAnyBody() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededRandom(seed: seed)
    let whole = Array(#"{"image":"data:image/png;base64,\#(Self.base64)","url":"https://a@b/c"}"#.utf8)
    for _ in 0..<20_000 {
      var body = Array(whole.prefix(Int.random(in: 0...whole.count, using: &random)))
      if !body.isEmpty {
        body[Int.random(in: body.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      _ = LetterPicture(body: body, contentType: "application/json")
    }
  }
}
