/// What is known of the errors of Huawei Cloud and the systems around it. The published form is `config/errors.json`.
///
/// The table is read when it is first needed, which is at the first failure; it never changes.
public enum ErrorTable {
  /// All entries, in the order of the published table. Of entries with the same code, those with phrases come first.
  public static let entries: [ErrorEntry] = readRows()

  /// Positions in ``entries`` by code.
  private static let positions: [String: [Int]] = Dictionary(grouping: entries.indices) { entries[$0].code }

  private static func readRows() -> [ErrorEntry] {
    let text = rows.withUTF8Buffer { String(decoding: $0, as: UTF8.self) }
    return text.split(separator: "\n").map { ErrorEntry(row: $0) }
  }

  /// Every entry of a code in all domains, without regard to case. For people: `errors APIG.0301`.
  public static func explain(_ code: String) -> [ErrorEntry] {
    let wanted = code.lowercased()
    return entries.filter { $0.code.lowercased() == wanted }
  }

  /// The entry for an answer, or nil when the table has none with this code in this domain. The status narrows the
  /// choice but the code outranks it: the documents are not sure of the statuses.
  static func entry(domain: ErrorDomain, code: String, status: Int, message: FoldedMessage) -> ErrorEntry? {
    let candidates = (positions[code] ?? []).lazy.map { entries[$0] }.filter { $0.domain == domain }
    return best(candidates.filter { $0.statuses.isEmpty || $0.statuses.contains(status) }, message)
      ?? best(candidates, message)
  }

  /// The entry of a bearer-key gateway that fits message and status, whatever its code: these gateways often send none.
  static func gatewayEntry(status: Int, message: FoldedMessage) -> ErrorEntry? {
    entries.first {
      $0.domain == .gateway && $0.statuses.contains(status) && !$0.phrases.isEmpty && $0.matches(message)
    }
  }

  /// The entry of a status without a known code: always one.
  static func httpEntry(status: Int) -> ErrorEntry {
    let name =
      switch status {
      case 200...299: "2xx-not-json"
      case 300...399: "3xx"
      default: String(status)
      }
    let general = (400...499).contains(status) ? "4xx" : "5xx"
    let none = FoldedMessage("")
    guard
      let entry = entry(domain: .http, code: name, status: status, message: none)
        ?? entry(domain: .http, code: general, status: status, message: none)
    else { preconditionFailure("The error table lacks the entry \(general).") }
    return entry
  }

  private static func best(_ candidates: some Sequence<ErrorEntry>, _ message: FoldedMessage) -> ErrorEntry? {
    candidates.first { !$0.phrases.isEmpty && $0.matches(message) } ?? candidates.first { $0.phrases.isEmpty }
  }
}
