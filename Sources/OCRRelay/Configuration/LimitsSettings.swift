/// Sizes that requests must keep.
public struct LimitsSettings: Sendable, Equatable {
  /// What to do with figures and lists out of the OCR service's documents.
  public enum Documented: String, Sendable, CaseIterable {
    /// Answer a request that breaks one without a call.
    case enforce
    /// Leave values, image sizes and formats to the service.
    case leaveToService = "leave_to_service"
  }

  /// What to do with an image of no known format.
  public enum UnrecognisedImages: String, Sendable, CaseIterable {
    /// Let the service decide.
    case forward
    /// Answer with a typed error.
    case reject
  }

  /// Largest body of a request, in bytes.
  public var bodyBytes = 12 << 20
  /// Bytes of requests in work before no more are read from the broker.
  public var bytesInWork = 256 << 20
  /// Documented sizes, formats and values.
  public var documented = Documented.enforce
  /// Images of no known format.
  public var unrecognisedImages = UnrecognisedImages.forward
}
