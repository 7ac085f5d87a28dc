import Foundation

/// The resource file with the documented APIs is missing or damaged.
public struct CatalogueError: Error, CustomStringConvertible {
  /// What is wrong with it.
  public let detail: String
  /// A sentence for the terminal.
  public var description: String { "the API catalogue of the sandbox cannot be used: \(detail)" }
}

/// All documented OCR APIs, read once from the resource file.
public struct APICatalogue: Sendable {
  /// The APIs in the order of the file (alphabetical by operation).
  public let apis: [APISpecification]
  private let byName: [String: APISpecification]

  /// Reads the catalogue that ships with this library.
  public init() throws(CatalogueError) {
    guard let url = Bundle.module.url(forResource: "ocr-apis", withExtension: "json", subdirectory: "Resources"),
      let data = try? Data(contentsOf: url), let json = try? JSONValue(parsing: data),
      let entries = json["apis"]?.elements
    else { throw CatalogueError(detail: "Resources/ocr-apis.json is not readable") }
    var apis: [APISpecification] = []
    for entry in entries { apis.append(try APISpecification(entry)) }
    self.apis = apis
    byName = Dictionary(apis.map { ($0.api, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The API of that name in the path, or nil.
  public subscript(_ api: String) -> APISpecification? { byName[api] }
}
