/// The properties of a request that decide what becomes of it, where they stand. An empty view means "not there".
///
/// Raw and unowned bytes: properties point into the frame memory of their delivery, and most of them are longer than
/// what a `String` holds without allocating. A view is valid as long as that memory; make it, plan, drop it.
public struct RequestView {
  /// Property `type`: the name of the API.
  public var type: UnsafeRawBufferPointer
  /// Routing key of the delivery; names the API when `type` is empty.
  public var routingKey: UnsafeRawBufferPointer
  /// Property `content_type`.
  public var contentType: UnsafeRawBufferPointer
  /// Property `content_encoding`.
  public var contentEncoding: UnsafeRawBufferPointer
  /// Header `ocr-options`: a JSON object, for binary bodies.
  public var options: UnsafeRawBufferPointer

  /// A view of these bytes.
  public init(
    type: UnsafeRawBufferPointer = .init(start: nil, count: 0),
    routingKey: UnsafeRawBufferPointer = .init(start: nil, count: 0),
    contentType: UnsafeRawBufferPointer = .init(start: nil, count: 0),
    contentEncoding: UnsafeRawBufferPointer = .init(start: nil, count: 0),
    options: UnsafeRawBufferPointer = .init(start: nil, count: 0)
  ) {
    self.type = type
    self.routingKey = routingKey
    self.contentType = contentType
    self.contentEncoding = contentEncoding
    self.options = options
  }

  /// Calls `use` with a view of these texts, for callers that hold strings. The view ends with the call.
  public static func with<Value>(
    type: String = "", routingKey: String = "", contentType: String = "", contentEncoding: String = "",
    options: String = "", _ use: (RequestView) -> Value
  ) -> Value {
    var (type, routingKey, contentType) = (type, routingKey, contentType)
    var (contentEncoding, options) = (contentEncoding, options)
    return type.withUTF8 { type in
      routingKey.withUTF8 { routingKey in
        contentType.withUTF8 { contentType in
          contentEncoding.withUTF8 { contentEncoding in
            options.withUTF8 { options in
              use(
                RequestView(
                  type: .init(type), routingKey: .init(routingKey), contentType: .init(contentType),
                  contentEncoding: .init(contentEncoding), options: .init(options)))
            }
          }
        }
      }
    }
  }
}
