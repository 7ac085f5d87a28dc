import Foundation
import FoundationNetworking
import TestSupport

/// `ocr-relay console` for the broker of a stage, and a program that uses it with a token.
final class ConsoleProgram: Sendable {
  static let operateToken = "operate-token-of-the-tests"
  static let readToken = "read-token-of-the-tests"

  let url: String
  let process: ChildProcess
  private let directory: TemporaryDirectory
  /// Kept for as long as the console is: a stage that nobody holds takes its relay and its sandbox with it.
  private let stage: Stage

  private init(url: String, process: ChildProcess, directory: TemporaryDirectory, stage: Stage) {
    self.url = url
    self.process = process
    self.directory = directory
    self.stage = stage
  }

  deinit { process.send(signal: SIGKILL) }

  /// Starts it and waits until it listens.
  static func start(_ stage: Stage, relays: [String] = []) async throws -> ConsoleProgram {
    let directory = try TemporaryDirectory()
    var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("OCR_RELAY_") }
    environment["OCR_RELAY_AMQP_URL"] = stage.url
    environment["OCR_RELAY_CONSOLE_LISTEN"] = "127.0.0.1:0"
    environment["OCR_RELAY_CONSOLE_OPERATE_TOKEN"] = operateToken
    environment["OCR_RELAY_CONSOLE_READ_TOKEN"] = readToken
    environment["OCR_RELAY_CONSOLE_RELAYS"] = relays.joined(separator: ",")
    environment["OCR_RELAY_CONSOLE_SAMPLE_SECONDS"] = "1"
    environment["OCR_RELAY_CONSOLE_STATE_FOLDER"] = directory.path("state")
    let process = try await ChildProcess.start(
      Programs.relay, ["console", "--config", "/dev/null"], environment: environment)
    let line = try await process.waitForLine(containing: "listening on")
    guard let url = line.firstMatch(of: /http:\/\/127\.0\.0\.1:[0-9]+/).map({ String($0.output) }) else {
      throw TestFailure("no address in \(line)")
    }
    return ConsoleProgram(url: url, process: process, directory: directory, stage: stage)
  }

  /// An answer. Redirects are not followed.
  struct Answer: Sendable {
    var status: Int
    var headers: [String: String]
    var body: Data

    var text: String { String(decoding: body, as: UTF8.self) }
  }

  /// Sends a request with a token; fields make it a form.
  func send(_ path: String, token: String = operateToken, form: [String: String]? = nil) async throws -> Answer {
    guard let address = URL(string: url + path) else { throw TestFailure("no address: \(path)") }
    var request = URLRequest(url: address, timeoutInterval: 60)
    request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
    if let form {
      request.httpMethod = "POST"
      request.setValue("application/x-www-form-urlencoded", forHTTPHeaderField: "Content-Type")
      let fields = form.map { "\(Self.escaped($0.key))=\(Self.escaped($0.value))" }
      request.httpBody = Data(fields.joined(separator: "&").utf8)
    }
    let session = URLSession(configuration: .ephemeral, delegate: Stay(), delegateQueue: nil)
    defer { session.finishTasksAndInvalidate() }
    let (data, response) = try await session.data(for: request)
    guard let response = response as? HTTPURLResponse else { throw TestFailure("no HTTP answer") }
    var headers: [String: String] = [:]
    for (name, value) in response.allHeaderFields { headers["\(name)".lowercased()] = "\(value)" }
    return Answer(status: response.statusCode, headers: headers, body: data)
  }

  private static func escaped(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
  }

  /// Follows no redirects.
  private final class Stay: NSObject, URLSessionTaskDelegate {
    func urlSession(
      _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
      newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
      completionHandler(nil)
    }
  }

  /// Reads a page again and again until it says something.
  func page(_ path: String, saying text: String) async throws -> String {
    for _ in 0..<600 {
      let page = try await send(path).text
      if page.contains(text) { return page }
      try await Task.sleep(for: .milliseconds(100))
    }
    throw TestFailure("\(path) never said \(text)")
  }

  /// Begins a job and waits until it has ended; returns its page.
  func job(_ path: String, form: [String: String]) async throws -> String {
    let answer = try await send(path, form: form)
    guard answer.status == 303, let place = answer.headers["location"] else {
      throw TestFailure("\(path): HTTP \(answer.status)\n\(answer.text)")
    }
    for _ in 0..<600 {
      let page = try await send(place).text
      if !page.contains("badge info") { return page }
      try await Task.sleep(for: .milliseconds(100))
    }
    throw TestFailure("\(place) never ended")
  }
}
