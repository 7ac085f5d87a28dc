internal import EventLoop
internal import HTTPTransport
internal import OCRContract
internal import Telemetry

/// What a collector's answer means: OTLP/HTTP says which statuses are worth another request.
enum CollectorAnswer {
  /// 429, 502, 503 and 504, and failures on the way, may pass; every other refusal is for good.
  static func meaning(of result: Result<HTTPResponse, HTTPFailure>) -> SpanExport.Answer {
    switch result {
    case .failure: .tryAgain(after: nil)
    case .success(let response):
      meaning(
        status: response.status, retryAfter: response.headers["Retry-After"], body: Array(response.body.bytes))
    }
  }

  static func meaning(status: Int, retryAfter: String?, body: [UInt8]) -> SpanExport.Answer {
    switch status {
    case 200..<300: .taken(rejected: rejected(in: body))
    case 429, 502, 503, 504:
      .tryAgain(after: retryAfter.flatMap { Int64($0) }.map { .seconds(min(max(0, $0), 3_600)) })
    default: .refused
    }
  }

  /// `partialSuccess.rejectedSpans`, a 64-bit number that JSON may write as a text.
  private static func rejected(in body: [UInt8]) -> Int {
    guard !body.isEmpty, let answer = try? JSONReader.read(body) else { return 0 }
    return answer["partialSuccess"]?["rejectedSpans"]?.textOrNumber.flatMap { Int($0) } ?? 0
  }

  /// One line for the log; nothing of the collector's own text.
  static func text(of result: Result<HTTPResponse, HTTPFailure>) -> String {
    switch result {
    case .failure(let failure): "\(failure)"
    case .success(let response): "it answered \(response.status)"
    }
  }
}
