import OCRContract

/// The error codes as text, grouped by class.
enum ErrorCatalogue {
  /// All codes, or those that a name stands for: a code, or the codes of a class. Case does not matter.
  static func codes(matching name: String?) -> [ErrorCode] {
    guard let name else { return ErrorCode.allCases }
    if let code = ErrorCode(rawValue: name.uppercased()) { return [code] }
    return ErrorCode.allCases.filter { $0.errorClass.rawValue == name.lowercased() }
  }

  /// What each class means for the request, then its codes with what to do.
  static func text(of codes: [ErrorCode]) -> String {
    ErrorClass.allCases.compactMap { errorClass in
      let members = codes.filter { $0.errorClass == errorClass }
      return members.isEmpty ? nil : section(errorClass, members)
    }.joined(separator: "\n\n")
  }

  private static func section(_ errorClass: ErrorClass, _ codes: [ErrorCode]) -> String {
    let facts = [
      "status \(errorClass.status)", errorClass.isRetryable ? "may pass by itself" : "does not pass by itself",
      errorClass.deadLetterQueue.map { "kept in \($0)" } ?? "not kept",
    ]
    let head = "\(errorClass.rawValue): \(errorClass.title) (\(facts.joined(separator: ", ")))"
    return ([head] + codes.map { "  \($0.rawValue)\n      \($0.advice)" }).joined(separator: "\n")
  }
}
