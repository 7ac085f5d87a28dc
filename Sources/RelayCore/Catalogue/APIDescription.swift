/// Everything the relay knows about one OCR API. All of it is data: no API has code of its own.
///
/// A class, so that a plan can carry it for the price of one reference count.
public final class APIDescription: Sendable {
  /// Name as in the URI, for example `general-text`.
  public let name: String
  /// Name of the operation in the vendor's documents and SDKs, for example `RecognizeGeneralText`.
  public let operation: String
  /// Path of the call, with the placeholder `{project_id}`.
  public let pathTemplate: String
  /// Members of the request object, at most 64.
  public let parameters: [APIParameter]
  /// Groups of parameter names of which a request carries exactly one.
  public let exactlyOneOf: [[String]]
  /// Limits of the image; nil for an API that takes none.
  public let image: ImageLimits?
  /// Regions that the vendor lists for it; empty when it lists none.
  public let regions: [String]

  /// Position of the parameter that carries the image as base64; nil for an API that takes none.
  public let imageParameter: Int?
  let parameterIndex: NameIndex
  /// `exactlyOneOf` as bit sets over the positions of `parameters`.
  let exclusiveSets: [UInt64]
  /// Required parameters as a bit set.
  let requiredSet: UInt64
  /// What stands before and after the base64 text when a binary body without options is sent as JSON.
  let binaryPrefix: [UInt8]
  let binarySuffix: [UInt8]

  /// Describes one API. Traps when the data contradicts itself, because it is our own.
  public init(
    name: String, operation: String, pathTemplate: String, parameters: [APIParameter], exactlyOneOf: [[String]] = [],
    image: ImageLimits?, regions: [String]
  ) {
    precondition(parameters.count <= 64, "API \(name): more than 64 parameters")
    self.name = name
    self.operation = operation
    self.pathTemplate = pathTemplate
    self.parameters = parameters
    self.exactlyOneOf = exactlyOneOf
    self.image = image
    self.regions = regions
    parameterIndex = NameIndex(parameters.map(\.name))
    imageParameter = parameters.firstIndex { $0.kind == .image }
    precondition((imageParameter == nil) == (image == nil), "API \(name): image parameter and limits go together")
    exclusiveSets = exactlyOneOf.map { group in
      group.reduce(0) { set, member in
        guard let position = parameters.firstIndex(where: { $0.name == member }) else {
          preconditionFailure("API \(name): group names \(member), which is no parameter")
        }
        return set | 1 << UInt64(position)
      }
    }
    requiredSet = parameters.indices.reduce(0) { parameters[$1].isRequired ? $0 | 1 << UInt64($1) : $0 }
    let field = imageParameter.map { parameters[$0].name } ?? ""
    binaryPrefix = Array("{\"\(field)\":\"".utf8)
    binarySuffix = Array("\"}".utf8)
  }

  /// True when the API reads PDF documents.
  public var takesPDF: Bool { image?.formats.contains(.pdf) ?? false }

  /// Path of the call for one project.
  public func path(projectID: String) -> String {
    let placeholder = "{project_id}"
    let template = Substring(pathTemplate)
    guard let brace = template.firstIndex(of: "{"), template[brace...].hasPrefix(placeholder) else {
      return pathTemplate
    }
    return template[..<brace] + projectID + template[brace...].dropFirst(placeholder.count)
  }
}
