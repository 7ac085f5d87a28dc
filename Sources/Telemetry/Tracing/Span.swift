/// A piece of work that has ended, as OpenTelemetry knows it.
public struct Span: Sendable, Equatable {
  /// Which side of an exchange it is; the numbers are those of the protocol.
  public enum Kind: Int, Sendable, CaseIterable {
    /// Calls another service.
    case client = 3
    /// Works on a message.
    case consumer = 5
  }

  /// The value of an attribute.
  public enum Value: Sendable, Equatable {
    /// A text.
    case text(String)
    /// A whole number.
    case whole(Int)
  }

  /// Its own place.
  public var context: TraceContext
  /// The span that it is part of; nil for the first of a trace.
  public var parent: SpanID?
  /// Whether that span is another process's.
  public var hasRemoteParent: Bool
  /// `tracestate`, passed on unread.
  public var traceState: String?
  /// What is done: one of few names.
  public var name: String
  /// Which side it is.
  public var kind: Kind
  /// Nanoseconds since 1970.
  public var start: Int64
  /// Nanoseconds since 1970.
  public var end: Int64
  /// What is known about it.
  public var attributes: [(name: String, value: Value)]
  /// Why it failed: a code of ours, never text from outside; nil when it did not.
  public var failure: String?

  /// A span without attributes.
  public init(
    context: TraceContext, parent: SpanID?, hasRemoteParent: Bool, traceState: String? = nil, name: String, kind: Kind,
    start: Int64, end: Int64
  ) {
    self.context = context
    self.parent = parent
    self.hasRemoteParent = hasRemoteParent
    self.traceState = traceState
    self.name = name
    self.kind = kind
    self.start = start
    self.end = end
    attributes = []
  }

  /// Adds an attribute; a missing text adds none.
  public mutating func add(_ name: String, _ text: String?) {
    if let text { attributes.append((name, .text(text))) }
  }

  /// Adds an attribute.
  public mutating func add(_ name: String, _ number: Int) { attributes.append((name, .whole(number))) }

  /// Whether two spans say the same.
  public static func == (left: Span, right: Span) -> Bool {
    left.context == right.context && left.parent == right.parent && left.hasRemoteParent == right.hasRemoteParent
      && left.traceState == right.traceState && left.name == right.name && left.kind == right.kind
      && left.start == right.start && left.end == right.end && left.failure == right.failure
      && left.attributes.elementsEqual(right.attributes) { $0.name == $1.name && $0.value == $1.value }
  }
}
