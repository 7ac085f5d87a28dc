/// What is documented of one OCR API: its parameters, limits and the form of its result.
public struct APISpecification: Sendable {
  /// One parameter of the JSON body.
  struct Parameter: Sendable {
    enum Kind: String, Sendable {
      case string, boolean, integer, object, strings
    }
    var name: String
    var kind: Kind
    var isRequired: Bool
    /// True for the parameters that carry the document, of which exactly one must be there.
    var isSource: Bool
    /// The only texts allowed; empty means any.
    var values: Set<String>
    var minimum: Int?
    var isDate: Bool
  }

  /// The last part of the API's path, such as `quota-invoice`.
  public let api: String
  /// The vendor's name of the operation.
  public let operation: String
  let parameters: [Parameter]
  /// The form of the whole answer body, `result` included.
  public let shape: Shape
  /// Format names as documented, JPEG and JPG folded into `JPG`.
  let formats: Set<String>
  let minimumSide: Int?
  let maximumSide: Int?
  let maximumPixels: Int?
  let maximumBase64Bytes: Int?

  /// The names of the parameters that carry the document: `image` or `data`, and `url`; empty for APIs without one.
  var sources: [String] { parameters.filter(\.isSource).map(\.name) }

  init(_ json: JSONValue) throws(CatalogueError) {
    guard let api = json["api"]?.text, let operation = json["operation"]?.text, let shape = json["shape"] else {
      throw CatalogueError(detail: "an API without name, operation or shape")
    }
    self.api = api
    self.operation = operation
    self.shape = try Shape(shape)
    formats = Set((json["formats"]?.elements ?? []).compactMap(\.text))
    minimumSide = json["min_side_px"]?.wholeNumber
    maximumSide = json["max_side_px"]?.wholeNumber
    maximumPixels = json["max_pixels"]?.wholeNumber
    maximumBase64Bytes = json["max_base64_bytes"]?.wholeNumber
    var parameters: [Parameter] = []
    for entry in json["parameters"]?.elements ?? [] { parameters.append(try Self.parameter(entry, of: api)) }
    self.parameters = parameters
  }

  private static func parameter(_ json: JSONValue, of api: String) throws(CatalogueError) -> Parameter {
    guard let name = json["name"]?.text, let kind = json["type"]?.text.flatMap(Parameter.Kind.init(rawValue:)) else {
      throw CatalogueError(detail: "\(api) has a parameter without name or known type")
    }
    return Parameter(
      name: name, kind: kind, isRequired: json["required"]?.boolean ?? false,
      isSource: json["source"]?.boolean ?? false,
      values: Set((json["values"]?.elements ?? []).compactMap(\.text)), minimum: json["minimum"]?.wholeNumber,
      isDate: json["form"]?.text == "date")
  }
}
