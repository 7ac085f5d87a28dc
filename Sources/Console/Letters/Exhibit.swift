internal import DeadLetters
internal import RelayCore

/// The picture of a letter, as far as a browser can be shown it.
enum Exhibit: Sendable, Equatable {
  /// A kind of file that every browser shows, and nothing but a picture.
  enum Kind: String, Sendable {
    case png = "image/png"
    case jpeg = "image/jpeg"
    case webp = "image/webp"
    case gif = "image/gif"

    init?(_ kind: ImageKind?) {
      switch kind {
      case .png: self = .png
      case .jpeg: self = .jpeg
      case .webp: self = .webp
      case .gif: self = .gif
      case .bmp, .tiff, .pcx, .ico, .psd, .pdf, .ofd, .heif, nil: return nil
      }
    }
  }

  /// A picture to show. What kind it is was told by its bytes, not by its sender.
  case picture(Kind, [UInt8])
  /// A file that is not shown, by its kind and size.
  case file(String?, bytes: Int)
  /// A picture at an address, on this host.
  case address(host: String)
  /// None, for this reason.
  case none(String)

  /// Larger pictures are not shown, but can be saved.
  static let sizeLimit = 12 << 20

  /// Takes the picture out of a letter.
  init(_ letter: Letter) {
    switch LetterPicture(body: letter.body, contentType: letter.record.contentType) {
    case .file(let bytes, let kind):
      if let shown = Kind(kind), bytes.count <= Self.sizeLimit {
        self = .picture(shown, bytes)
      } else {
        self = .file(kind?.label, bytes: bytes.count)
      }
    case .address(let host): self = .address(host: host)
    case .none(let reason): self = .none(reason)
    }
  }

  /// Bytes in memory.
  var size: Int { if case .picture(_, let bytes) = self { bytes.count + 256 } else { 256 } }
}
