import EventLoop
import HuaweiCloud
import RelayCore

@testable import HTTPTransport

/// What is done with a request's bytes before the call, and with the answer's head after it.
enum RequestOperations {
  static func all() -> [Operation] {
    let megabyte = Bodies.picture(size: 1 << 20)
    return [
      scan("scan of 1 KB of JSON", Bodies.address), scan("scan of 1 MB of JSON", megabyte),
      check("checks of 1 KB with an address", Bodies.address), check("checks of 1 MB with a picture", megabyte),
      encode("base64 of 768 bytes", count: 768), encode("base64 of 768 KB", count: 768 << 10), lookUp(),
    ]
  }

  private static func scan(_ name: String, _ body: [UInt8]) -> Operation {
    Operation(name: name, mostAllocations: 0) {
      body.withUnsafeBytes { bytes in precondition((try? BodyScanner.scan(bytes))?.count == 1) }
    }
  }

  private static func check(_ name: String, _ body: [UInt8]) -> Operation {
    let validator = RequestValidator(catalogue: HuaweiCatalogue.ocr)
    return Operation(name: name, mostAllocations: 0) {
      let isRight = RequestView.with(type: "general-text", contentType: "application/json") { view in
        body.withUnsafeBytes { (try? validator.plan(view, body: $0)) != nil }
      }
      precondition(isRight)
    }
  }

  /// In pieces, as the HTTP client asks for them.
  private static func encode(_ name: String, count: Int) -> Operation {
    let picture = [UInt8](repeating: 0x5A, count: count)
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    return Operation(name: name, mostAllocations: 0) {
      guard var encoder = Base64Encoder(inputCount: count) else { preconditionFailure("\(count) bytes are too many") }
      picture.withUnsafeBytes { picture in
        while !encoder.isAtEnd { precondition(encoder.read(picture, into: room) > 0) }
      }
    }
  }

  private static func lookUp() -> Operation {
    let pool = BufferPool()
    let head = pool.take(capacity: 1_024)
    let text = """
      HTTP/1.1 200 OK\r\nDate: Fri, 02 Jan 2026 03:04:05 GMT\r\nContent-Type: application/json\r\n\
      Content-Length: 731\r\nX-Request-Id: 0123456789abcdef0123456789abcdef\r\n\r\n
      """
    Array(text.utf8).withUnsafeBytes { head.append($0) }
    let headers = HTTPResponseHeaders(head: head)
    return Operation(name: "two headers of an answer, one of them there", mostAllocations: 1) {
      precondition(headers["X-Request-Id"] != nil && headers["Retry-After"] == nil)
    }
  }
}
