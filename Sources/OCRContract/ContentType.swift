/// Content types of requests and replies.
public enum ContentType: String, CaseIterable, Sendable {
  case json = "application/json"
  case problem = "application/problem+json"
  case jpeg = "image/jpeg"
  case png = "image/png"
  case bmp = "image/bmp"
  case tiff = "image/tiff"
  case pdf = "application/pdf"

  /// The type without regard to case, spaces around it and parameters such as `; charset=utf-8`; nil when unknown.
  public init?(header: String) {
    let essence = header.prefix { $0 != ";" }.lowercased()
    let trimmed = essence.drop { $0 == " " || $0 == "\t" }
    let end = trimmed.lastIndex { $0 != " " && $0 != "\t" }
    guard let end else { return nil }
    self.init(rawValue: String(trimmed[...end]))
  }

  /// Whether the body is the raw file rather than JSON.
  public var isRawFile: Bool { self != .json && self != .problem }
}
