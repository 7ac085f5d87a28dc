/// The documented form of a result: what kind of value stands where.
public indirect enum Shape: Sendable, Equatable {
  case string, int, float, bool
  /// An object whose members are not listed (`confidence`, `text_location`).
  case object
  case list(Shape)
  /// An object with free names and values of one kind.
  case map(Shape)
  case fields([Field])

  /// One documented member of an object.
  public struct Field: Sendable, Equatable {
    /// The member's name.
    public var name: String
    /// The member's form.
    public var shape: Shape
  }

  /// Reads the form as the resource file writes it: a leaf's name, or an object with `list`, `map` or `fields`.
  init(_ json: JSONValue) throws(CatalogueError) {
    switch json {
    case .string("string"): self = .string
    case .string("int"): self = .int
    case .string("float"): self = .float
    case .string("bool"): self = .bool
    case .string("object"): self = .object
    default:
      if let element = json["list"] {
        self = .list(try Shape(element))
      } else if let value = json["map"] {
        self = .map(try Shape(value))
      } else if let pairs = json["fields"]?.elements {
        self = .fields(try Self.fields(pairs))
      } else {
        throw CatalogueError(detail: "unknown result shape \(json.jsonText.prefix(80))")
      }
    }
  }

  private static func fields(_ pairs: [JSONValue]) throws(CatalogueError) -> [Field] {
    var fields: [Field] = []
    for pair in pairs {
      guard let parts = pair.elements, parts.count == 2, let name = parts[0].text else {
        throw CatalogueError(detail: "a shape field is not a pair of name and form")
      }
      fields.append(Field(name: name, shape: try Shape(parts[1])))
    }
    return fields
  }

  /// The form of the member `name`, when this is an object that lists it.
  func member(_ name: String) -> Shape? {
    guard case .fields(let fields) = self else { return nil }
    return fields.first { $0.name == name }?.shape
  }
}
