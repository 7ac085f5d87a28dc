/// A quick look at the body of an answer: is it a JSON object, and which of the telling members does it have? Goes over
/// the bytes once, builds nothing, and finds cut-off bodies because brackets stay open.
///
/// Numbers and words inside are not checked: the result is passed on as it came.
public struct AnswerScan: Sendable, Equatable {
  /// The body is one JSON object with nothing but white space around it.
  public private(set) var isObject = false
  /// It has the member `result`.
  public private(set) var hasResult = false
  /// It has an error member, or its `result` is an object that has one.
  public private(set) var hasError = false

  /// Whether the body can be passed on as a result.
  public var isResult: Bool { isObject && hasResult && !hasError }

  /// Deepest nesting accepted.
  public static let maximumDepth = 64

  /// Looks at a body.
  public init(_ body: RawSpan) {
    body.withUnsafeBytes { bytes in
      var walk = AnswerWalk(bytes)
      walk.run()
      (isObject, hasResult, hasError) = (walk.isObject, walk.hasResult, walk.hasError)
    }
  }
}
