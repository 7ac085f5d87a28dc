/// What an API documents about the image it takes.
public struct ImageLimits: Sendable, Equatable {
  /// Formats it reads.
  public let formats: ImageFormats
  /// Shortest allowed side, in pixels.
  public let minSide: Int
  /// Longest allowed side, in pixels.
  public let maxSide: Int
  /// Most pixels (width times height), where one is documented.
  public let maxPixels: Int?
  /// Most bytes of base64 text.
  public let maxBase64Bytes: Int

  /// Limits from their parts.
  public init(formats: ImageFormats, minSide: Int, maxSide: Int, maxPixels: Int? = nil, maxBase64Bytes: Int) {
    self.formats = formats
    self.minSide = minSide
    self.maxSide = maxSide
    self.maxPixels = maxPixels
    self.maxBase64Bytes = maxBase64Bytes
  }
}
