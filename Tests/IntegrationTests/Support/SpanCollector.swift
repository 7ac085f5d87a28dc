import Foundation
import Glibc
import Synchronization

/// A collector of OpenTelemetry spans: a server for OTLP over HTTP with JSON, for one relay.
final class SpanCollector: Sendable {
  /// A span as it came, with what tests look at.
  struct Span: Sendable {
    var name: String
    var kind: Int
    var traceID: String
    var spanID: String
    var parentID: String?
    var flags: Int
    var nanoseconds: Int64
    var failure: String?
    var attributes: [String: String]

    /// What tells others of this span.
    var traceparent: String { "00-\(traceID)-\(spanID)-0\(flags & 3)" }
  }

  /// A request to the collector.
  struct Delivery: Sendable {
    var head: String
    var body: Data
  }

  let url: String
  /// Requests as they come.
  let deliveries: AsyncStream<Delivery>
  private let listener: Int32
  private let statuses: Mutex<[Int]>

  /// Answers the first requests with these statuses, the others with 200.
  init(answering statuses: [Int] = []) throws {
    self.statuses = Mutex(statuses)
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(listener, generic, length) == 0 && listen(listener, 16) == 0
          && getsockname(listener, generic, &length) == 0
      }
    }
    self.listener = listener
    guard isBound else { throw TestFailure("no port for a collector") }
    url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
    let (deliveries, continuation) = AsyncStream.makeStream(of: Delivery.self)
    self.deliveries = deliveries
    Thread.detachNewThread { [weak self] in
      while true {
        let descriptor = accept(listener, nil, nil)
        guard descriptor >= 0 else { break }
        // A child that inherited it would keep it open after it was closed here.
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        while let delivery = Self.read(descriptor) {
          let status = self?.nextStatus() ?? 200
          continuation.yield(delivery)
          let answer = Array("HTTP/1.1 \(status) X\r\nContent-Length: 2\r\n\r\n{}".utf8)
          guard send(descriptor, answer, answer.count, Int32(MSG_NOSIGNAL)) == answer.count else { break }
        }
        close(descriptor)
      }
      close(listener)
      continuation.finish()
    }
  }

  deinit { shutdown(listener, Int32(SHUT_RDWR)) }

  /// Waits until so many spans have come.
  func spans(_ count: Int) async throws -> [Span] {
    var spans: [Span] = []
    for await delivery in deliveries {
      spans += try Self.spans(in: delivery.body)
      if spans.count >= count { return spans }
    }
    throw TestFailure("\(spans.count) of \(count) spans have come")
  }

  /// The spans of a request.
  static func spans(in body: Data) throws -> [Span] {
    let request = try JSONDecoder().decode(ExportRequest.self, from: body)
    return request.resourceSpans.flatMap(\.scopeSpans).flatMap(\.spans).map { span in
      Span(
        name: span.name, kind: span.kind, traceID: span.traceId, spanID: span.spanId, parentID: span.parentSpanId,
        flags: span.flags,
        nanoseconds: (Int64(span.endTimeUnixNano) ?? 0) - (Int64(span.startTimeUnixNano) ?? 0),
        failure: span.status?.message,
        attributes: Dictionary(
          span.attributes.map { ($0.key, $0.value.stringValue ?? $0.value.intValue ?? "") }, uniquingKeysWith: { $1 }))
    }
  }

  private func nextStatus() -> Int { statuses.withLock { $0.isEmpty ? 200 : $0.removeFirst() } }

  private static func read(_ descriptor: Int32) -> Delivery? {
    var head: [UInt8] = []
    var byte: UInt8 = 0
    while head.suffix(4) != [13, 10, 13, 10] {
      guard recv(descriptor, &byte, 1, 0) == 1 else { return nil }
      head.append(byte)
    }
    let text = String(decoding: head, as: UTF8.self)
    let length = text.lowercased().firstMatch(of: /content-length: *([0-9]+)/).flatMap { Int($0.1) } ?? 0
    var body = [UInt8](repeating: 0, count: length)
    var count = 0
    while count < length {
      let received = body.withUnsafeMutableBytes { room in
        recv(descriptor, room.baseAddress?.advanced(by: count), length - count, 0)
      }
      guard received > 0 else { return nil }
      count += received
    }
    return Delivery(head: text, body: Data(body))
  }

  private struct ExportRequest: Decodable {
    struct Resource: Decodable { var scopeSpans: [Scope] }
    struct Scope: Decodable { var spans: [Span] }
    struct Span: Decodable {
      struct Status: Decodable { var message: String? }
      struct Attribute: Decodable {
        struct Value: Decodable {
          var stringValue: String?
          var intValue: String?
        }
        var key: String
        var value: Value
      }
      var traceId: String
      var spanId: String
      var parentSpanId: String?
      var name: String
      var kind: Int
      var flags: Int
      var startTimeUnixNano: String
      var endTimeUnixNano: String
      var attributes: [Attribute]
      var status: Status?
    }
    var resourceSpans: [Resource]
  }
}
