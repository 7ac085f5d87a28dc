/// What `ocr-sandbox --list` prints.
public enum SandboxListing {
  /// One line for each API: its name, the vendor's operation, and how the sandbox comes to its answer.
  public static func text() throws -> String {
    let apis = try APICatalogue().apis.sorted { $0.api < $1.api }
    let width = apis.map(\.api.count).max() ?? 0
    let operationWidth = apis.map(\.operation.count).max() ?? 0
    return apis.map { specification in
      let how =
        switch FieldExtraction.depth(of: specification) {
        case .text: "text: every line that was read, with its place"
        case .document: "fields: rules of its own for this document"
        case .labels: "labels: what stands beside known labels, empty text elsewhere"
        case .none: "no picture: echoes the invoice as not found"
        }
      return pad(specification.api, width) + "  " + pad(specification.operation, operationWidth) + "  " + how + "\n"
    }.joined()
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
