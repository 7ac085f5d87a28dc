import OCRRelay

/// The environment this process was started with.
enum ProcessEnvironment {
  /// All variables; of those with the same name the first counts.
  static let variables: [String: String] = {
    guard let bytes = try? WholeFile.read("/proc/self/environ", limit: .max) else { return [:] }
    let pairs = bytes.split(separator: 0).compactMap { entry -> (String, String)? in
      let text = String(decoding: entry, as: UTF8.self)
      guard let equals = text.firstIndex(of: "=") else { return nil }
      return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }
    return Dictionary(pairs) { first, _ in first }
  }()

  /// A variable that is set and not empty.
  static func value(_ name: String) -> String? {
    variables[name].flatMap { $0.isEmpty ? nil : $0 }
  }
}
