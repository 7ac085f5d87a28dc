import CYAML

/// Reads one YAML document with libyaml.
///
/// libyaml itself, and not one of the Swift packages around it, because those bring Foundation along: reading a small
/// file cost 1 MB of resident memory this way, 9 MB with Yams and 12 MB with swift-configuration. It also reports the
/// line of every key.
enum YAMLReader {
  /// Deepest nesting that is read; a configuration needs three levels.
  static let maximumDepth = 16

  /// The document's root; nil when there is nothing but comments.
  ///
  /// Anchors, aliases and a second document are refused: no setting needs them, and aliases can make a small file huge.
  static func read(_ text: [UInt8]) throws(YAMLFailure) -> YAMLNode? {
    try text.withUnsafeBufferPointer { (bytes) throws(YAMLFailure) in
      // libyaml keeps the parser's own address, so the parser must not move.
      let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
      defer { parser.deallocate() }
      guard yaml_parser_initialize(parser) == 1 else {
        throw YAMLFailure(mark: .init(line: 1, column: 1), message: "there is not enough memory to read it")
      }
      defer { yaml_parser_delete(parser) }
      yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
      return try document(parser)
    }
  }

  private static func document(_ parser: UnsafeMutablePointer<yaml_parser_t>) throws(YAMLFailure) -> YAMLNode? {
    var root: YAMLNode?
    while true {
      let event = try next(parser)
      switch event.kind {
      case .documentStart where root != nil:
        throw YAMLFailure(mark: event.mark, message: "a second document begins here; only one is read")
      case .streamEnd: return root
      case .scalar, .sequenceStart, .mappingStart: root = try node(startingWith: event, parser, depth: 1)
      case .documentStart, .other, .sequenceEnd, .mappingEnd: continue
      }
    }
  }

  private static func node(
    startingWith event: Event, _ parser: UnsafeMutablePointer<yaml_parser_t>, depth: Int
  ) throws(YAMLFailure) -> YAMLNode {
    guard depth <= maximumDepth else { throw YAMLFailure(mark: event.mark, message: "the nesting is too deep") }
    switch event.kind {
    case .scalar(let text, let isPlain):
      let isEmpty = isPlain && ["", "~", "null"].contains(text)
      return YAMLNode(content: isEmpty ? .empty : .scalar(text), mark: event.mark)
    case .sequenceStart: return YAMLNode(content: .sequence(try items(parser, depth)), mark: event.mark)
    case .mappingStart: return YAMLNode(content: .mapping(try entries(parser, depth)), mark: event.mark)
    case .documentStart, .streamEnd, .sequenceEnd, .mappingEnd, .other:
      throw YAMLFailure(mark: event.mark, message: "a value is expected here")
    }
  }

  private static func items(
    _ parser: UnsafeMutablePointer<yaml_parser_t>, _ depth: Int
  ) throws(YAMLFailure) -> [YAMLNode] {
    var items: [YAMLNode] = []
    while true {
      let event = try next(parser)
      if case .sequenceEnd = event.kind { return items }
      items.append(try node(startingWith: event, parser, depth: depth + 1))
    }
  }

  private static func entries(
    _ parser: UnsafeMutablePointer<yaml_parser_t>, _ depth: Int
  ) throws(YAMLFailure) -> [YAMLNode.Entry] {
    var entries: [YAMLNode.Entry] = []
    while true {
      let event = try next(parser)
      if case .mappingEnd = event.kind { return entries }
      guard case .scalar(let key, _) = event.kind else {
        throw YAMLFailure(mark: event.mark, message: "a key must be a plain word")
      }
      if let first = entries.first(where: { $0.key == key }) {
        throw YAMLFailure(mark: event.mark, message: "\(key) was already set in line \(first.mark.line)")
      }
      let value = try node(startingWith: try next(parser), parser, depth: depth + 1)
      entries.append(YAMLNode.Entry(key: key, mark: event.mark, value: value))
    }
  }
}

extension YAMLReader {
  /// What libyaml reports, copied out of its memory.
  private struct Event {
    enum Kind {
      case documentStart, streamEnd, sequenceStart, sequenceEnd, mappingStart, mappingEnd, other
      case scalar(String, isPlain: Bool)
    }

    var kind: Kind
    var mark: YAMLNode.Mark
  }

  private static func next(_ parser: UnsafeMutablePointer<yaml_parser_t>) throws(YAMLFailure) -> Event {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw failure(of: parser.pointee) }
    defer { yaml_event_delete(&event) }
    let mark = YAMLNode.Mark(event.start_mark)
    return Event(kind: try kind(of: event, mark), mark: mark)
  }

  private static func kind(of event: yaml_event_t, _ mark: YAMLNode.Mark) throws(YAMLFailure) -> Event.Kind {
    switch event.type {
    case YAML_ALIAS_EVENT: throw YAMLFailure(mark: mark, message: "aliases (*name) are not supported")
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      try refuse(anchor: scalar.anchor, mark)
      let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      return .scalar(text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
    case YAML_SEQUENCE_START_EVENT:
      try refuse(anchor: event.data.sequence_start.anchor, mark)
      return .sequenceStart
    case YAML_MAPPING_START_EVENT:
      try refuse(anchor: event.data.mapping_start.anchor, mark)
      return .mappingStart
    case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
    case YAML_MAPPING_END_EVENT: return .mappingEnd
    case YAML_DOCUMENT_START_EVENT: return .documentStart
    case YAML_STREAM_END_EVENT: return .streamEnd
    default: return .other
    }
  }

  private static func refuse(anchor: UnsafeMutablePointer<yaml_char_t>?, _ mark: YAMLNode.Mark) throws(YAMLFailure) {
    if anchor != nil { throw YAMLFailure(mark: mark, message: "anchors (&name) are not supported") }
  }

  private static func failure(of parser: yaml_parser_t) -> YAMLFailure {
    let problem = parser.problem.map { String(cString: $0) } ?? "it is not YAML"
    // The reader's own errors (bytes that are not UTF-8) come with an offset and without a mark.
    let mark = parser.error == YAML_READER_ERROR ? parser.mark : parser.problem_mark
    return YAMLFailure(mark: YAMLNode.Mark(mark), message: problem)
  }
}

extension YAMLNode.Mark {
  /// libyaml counts from 0.
  fileprivate init(_ mark: yaml_mark_t) {
    self.init(line: Int(clamping: mark.line) &+ 1, column: Int(clamping: mark.column) &+ 1)
  }
}
