/// What a reply tells about the call behind it.
struct CallRecord {
  /// Calls made for the request so far.
  var attempts: Int
  /// Duration of the last one.
  var milliseconds: Int64
  /// The OCR service's id of it.
  var requestID: String?
}
