/// An answer as a server may send it: any framing, line break, number of interim answers, chunks and trailers.
struct RandomAnswer {
  private(set) var bytes: [UInt8] = []
  let body: [UInt8]
  let status: Int
  private(set) var endsAtClose = false
  /// Bytes of the heads, and of what follows the last chunk.
  private(set) var headerBytes = 0

  /// Any status and body.
  init(using random: inout some RandomNumberGenerator) {
    let status = [200, 201, 204, 304, 400, 413, 429, 503].randomElement(using: &random) ?? 200
    let hasBody = status != 204 && status != 304
    let body = (0..<(hasBody ? Int.random(in: 0...220, using: &random) : 0)).map { _ in
      [0, 10, 13, 48, 72, 255].randomElement(using: &random) ?? UInt8(0)
    }
    self.init(status: status, body: body, using: &random)
  }

  /// This status and body.
  init(status: Int, body: [UInt8], using random: inout some RandomNumberGenerator) {
    (self.status, self.body) = (status, body)
    for _ in 0..<Int.random(in: 0...2, using: &random) {
      addHead(Bool.random(using: &random) ? 100 : 103, [], using: &random)
    }
    if status == 204 || status == 304 { addHead(status, [], using: &random) } else { addBody(using: &random) }
  }

  private mutating func addBody(using random: inout some RandomNumberGenerator) {
    switch Int.random(in: 0..<3, using: &random) {
    case 0:
      addHead(status, ["Content-Length: \(body.count)"], using: &random)
      bytes += body
    case 1:
      addHead(status, ["transfer-encoding:  Chunked "], using: &random)
      addChunks(using: &random)
    default:
      endsAtClose = true
      addHead(status, [], using: &random)
      bytes += body
    }
  }

  private mutating func addHead(_ status: Int, _ framing: [String], using random: inout some RandomNumberGenerator) {
    let end = Bool.random(using: &random) ? "\r\n" : "\n"
    let others = ["Server: a", "X-Empty:", "x-request-id: 1:2", "Connection: keep-alive", "Date: \u{E9}\t,"]
    var lines = framing + others.filter { _ in Bool.random(using: &random) }
    lines.shuffle(using: &random)
    let reason = [" OK", " ", "", " a: b"].randomElement(using: &random) ?? ""
    let head = Array((["HTTP/1.1 \(status)\(reason)"] + lines + ["", ""]).joined(separator: end).utf8)
    headerBytes += head.count
    bytes += head
  }

  private mutating func addChunks(using random: inout some RandomNumberGenerator) {
    let end = Bool.random(using: &random) ? "\r\n" : "\n"
    var rest = body[...]
    while !rest.isEmpty {
      let chunk = rest.prefix(Int.random(in: 1...100, using: &random))
      rest = rest.dropFirst(chunk.count)
      let digits = String(chunk.count, radix: 16, uppercase: Bool.random(using: &random))
      let before = String(repeating: "0", count: Int.random(in: 0...3, using: &random))
      let behind = ["", " ", ";a=b", ";a=\"\t\""].randomElement(using: &random) ?? ""
      bytes += Array((before + digits + behind + end).utf8) + chunk + Array(end.utf8)
    }
    let trailers = ["", "X: y\(end)", "Content-Length: 9\(end)X: y\(end)"].randomElement(using: &random) ?? ""
    headerBytes += (trailers + end).utf8.count
    bytes += Array(("0" + end + trailers + end).utf8)
  }
}
