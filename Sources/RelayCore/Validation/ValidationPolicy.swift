/// What the operator decides about the checks.
public struct ValidationPolicy: Sendable {
  /// What to do with figures and lists out of the vendor's documents.
  public enum DocumentedLimits: Sendable {
    /// A request that breaks one is answered with a typed error and costs no call.
    case enforce
    /// Values, image sizes and formats are left to the OCR service, which may have become more generous.
    case leaveToService
  }

  /// What to do with an image whose first bytes are those of no known format.
  public enum UnrecognisedImages: Sendable {
    /// Send it; the OCR service decides.
    case forward
    /// Answer with a typed error.
    case reject
  }

  /// Addresses that `url` may hold.
  public var url: URLPolicy
  /// Documented limits.
  public var documentedLimits: DocumentedLimits
  /// Unknown formats.
  public var unrecognisedImages: UnrecognisedImages
  /// Longest body of a call in bytes; the API gateway refuses more than 12 MB.
  public var maxBodyBytes: Int

  /// A policy from its parts; the defaults are those of the service.
  public init(
    url: URLPolicy = URLPolicy(), documentedLimits: DocumentedLimits = .enforce,
    unrecognisedImages: UnrecognisedImages = .forward, maxBodyBytes: Int = 12 << 20
  ) {
    self.url = url
    self.documentedLimits = documentedLimits
    self.unrecognisedImages = unrecognisedImages
    self.maxBodyBytes = maxBodyBytes
  }
}
