/// A request to the console, read completely.
struct ConsoleRequest: Sendable {
  /// The method, such as `GET`.
  var method: String
  /// The path as it was sent, without the query.
  var path: String
  /// The query.
  var query = FormValues()
  /// Headers by their names in lower case. A name that came twice has both values.
  var headers: [String: [String]] = [:]
  /// The body.
  var body: [UInt8] = []
  /// The address at the other end of the connection, without port; nil when it is not known.
  var peer: String?

  /// The value of a header; nil when it is missing or came more than once.
  func header(_ name: String) -> String? {
    guard let values = headers[name], values.count == 1 else { return nil }
    return values[0]
  }

  /// The value of a cookie; nil when it is missing, or when there are several of that name: one may be forged.
  func cookie(_ name: String) -> String? {
    let cookies = (headers["cookie"] ?? []).flatMap { $0.split(separator: ";") }.compactMap { text -> Substring? in
      let cookie = text.drop { $0 == " " }
      return cookie.hasPrefix(name + "=") ? cookie.dropFirst(name.count + 1) : nil
    }
    return cookies.count == 1 ? String(cookies[0]) : nil
  }

  /// The fields of a form in the body; nil when there is none.
  var form: FormValues? {
    let type = (header("content-type") ?? "").split(separator: ";").first.map { $0.lowercased() }
    guard type == "application/x-www-form-urlencoded", let text = String(validating: body, as: UTF8.self) else {
      return nil
    }
    return FormValues(text)
  }

  /// The parts of the path; nil when it has anything that no path of ours has, such as escapes, dots or empty parts.
  var segments: [String]? {
    guard path.utf8.count <= 256, path.utf8.first == UInt8(ascii: "/") else { return nil }
    guard path.utf8.count > 1 else { return [] }
    let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let isPlain = segments.allSatisfy { segment in
      !segment.isEmpty && !segment.hasPrefix(".") && segment.utf8.allSatisfy(Self.isPlain)
    }
    return isPlain ? segments : nil
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"),
      UInt8(ascii: "."), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
