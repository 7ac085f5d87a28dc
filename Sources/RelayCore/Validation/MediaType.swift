/// What a `content_type` says about the body.
enum MediaType: Equatable {
  case missing
  case json
  case image(ImageKind)
  case unsupported

  private static let images: [(name: StaticString, kind: ImageKind)] = [
    ("image/jpeg", .jpeg), ("image/png", .png), ("image/bmp", .bmp), ("image/tiff", .tiff), ("application/pdf", .pdf),
    ("image/jpg", .jpeg), ("image/tif", .tiff), ("image/x-ms-bmp", .bmp), ("image/gif", .gif), ("image/webp", .webp),
  ]

  /// Reads a header value; case, parameters and spaces around the type do not matter.
  init(header: UnsafeRawBufferPointer) {
    let end = header.firstIndex(of: UInt8(ascii: ";")) ?? header.count
    let essence = ASCII.trimmed(UnsafeRawBufferPointer(rebasing: header[..<end]))
    if essence.isEmpty {
      self = .missing
    } else if ASCII.isEqual(essence, "application/json") {
      self = .json
    } else if let image = Self.images.first(where: { ASCII.isEqual(essence, $0.name) }) {
      self = .image(image.kind)
    } else {
      self = .unsupported
    }
  }
}
