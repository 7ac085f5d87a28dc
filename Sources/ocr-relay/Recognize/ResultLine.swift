import OCRContract

/// One line of JSON for each file, for programs that read our output.
enum ResultLine {
  /// `{"file", "api", "ok": true, "result": the body}`. White space of the body is not kept, everything else is.
  static func success(file: String, api: String, body: JSONValue) -> String {
    line(file, api, isSuccess: true, "result", body)
  }

  /// `{"file", "api", "ok": false, "error": the problem document}`.
  static func failure(file: String, api: String, problem: JSONValue) -> String {
    line(file, api, isSuccess: false, "error", problem)
  }

  private static func line(_ file: String, _ api: String, isSuccess: Bool, _ name: String, _ value: JSONValue) -> String
  {
    var writer = JSONWriter(reserving: 1024)
    writer.value(
      .object([
        .init(name: "file", value: .string(file)), .init(name: "api", value: .string(api)),
        .init(name: "ok", value: .bool(isSuccess)), .init(name: name, value: value),
      ]))
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}
