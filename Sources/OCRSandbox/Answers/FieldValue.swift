/// A field that was found on a picture.
struct FieldValue: Sendable, Equatable {
  /// Usually a string; lists for fields documented as lists.
  var value: JSONValue
  /// 0 to 1, from the words it was read from.
  var confidence: Double
  /// Where it stands, when it stands somewhere.
  var box: Box?

  init(_ text: String, confidence: Double, box: Box?) {
    value = .string(text)
    self.confidence = confidence
    self.box = box
  }

  init(_ value: JSONValue, confidence: Double, box: Box?) {
    self.value = value
    self.confidence = confidence
    self.box = box
  }
}

/// The fields found on a picture, by their documented names.
typealias Fields = [String: FieldValue]

extension Double {
  /// Four digits after the point, as confidences are written.
  var asConfidence: JSONValue { .number((self * 10_000).rounded() / 10_000) }
}
