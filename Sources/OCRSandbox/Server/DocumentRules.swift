import FoundationEssentials

/// What a file must be before anybody tries to read it.
enum DocumentRules {
  /// Refuses a file that the API does not take, or whose sides are out of range.
  static func check(_ file: Data, for specification: APISpecification, isInstant: Bool) throws(Refusal) {
    if let limit = specification.maximumBase64Bytes, file.count > limit { throw .wrongSize }
    guard let format = ImageFormat(sniffing: file), specification.formats.contains(format.rawValue) else {
      throw .unsupportedFormat
    }
    guard format.isReadable else {
      if isInstant { return }
      throw .recognitionFailed
    }
    guard let size = Picture.size(of: file) else { throw .unsupportedFormat }
    if let minimum = specification.minimumSide, min(size.width, size.height) < minimum { throw .wrongSize }
    if let maximum = specification.maximumSide, max(size.width, size.height) > maximum { throw .wrongSize }
    if let maximum = specification.maximumPixels, size.width * size.height > maximum { throw .wrongSize }
  }
}
