import ArgumentParser
import EventLoop
import OCRClient
import OCRContract
import OCRRelay
import RelayCore

/// `ocr-relay recognize`.
struct RecognizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recognize",
    abstract: "Send pictures to the relays of a broker and print what they read.",
    discussion: """
      Pictures and PDF files travel as they are; a file that begins with { is sent as a request of the API.

        ocr-relay recognize letter.png
        ocr-relay recognize --api quota-invoice --json *.jpg
        ocr-relay recognize --url https://example.com/page.jpg --option detect_direction=true

      Exit codes:
      \(ExitReason.table)
      """)

  /// Files larger than this cannot be sent: no API takes them.
  private static let largestFile = 64 << 20

  @Argument(help: ArgumentHelp("Pictures to read.", valueName: "file"))
  var files: [String] = []

  @Option(help: "The API, as in its address.")
  var api = "general-text"

  @Option(
    help: ArgumentHelp("The address of a picture that the OCR service downloads; may be repeated.", valueName: "url"))
  var url: [String] = []

  @Option(
    name: .customLong("option"),
    help: ArgumentHelp(
      "A parameter of the API; may be repeated. true, false and numbers are taken as such; name='\"1\"' is a text.",
      valueName: "name=value"))
  var options: [String] = []

  @Flag(help: "Print one line of JSON for each file.")
  var json = false

  @Option(help: "How long to wait for each answer.")
  var timeoutSeconds = 120

  @Option(help: "How many requests may be under way at once.")
  var parallel = 8

  @OptionGroup var broker: BrokerOptions

  func validate() throws {
    guard !files.isEmpty || !url.isEmpty else { throw ValidationError("Name at least one file, or give --url.") }
    guard (1...86_400).contains(timeoutSeconds) else { throw ValidationError("--timeout-seconds: 1 to 86400.") }
    guard (1...1000).contains(parallel) else { throw ValidationError("--parallel: 1 to 1000.") }
    guard (1...255).contains(api.utf8.count) else { throw ValidationError("--api: a name of 1 to 255 bytes.") }
    _ = try parameters()
  }

  func run() throws {
    try EventLoop(name: "recognize").runBlocking { try await recognize() }
  }

  private func recognize() async throws {
    let settings = try broker.load()
    let client = try await connect(settings)
    let sources = files.map(Source.file) + url.map(Source.address)
    var run = RecognizeRun(
      files: sources.map(\.name), width: parallel,
      text: OutcomeText(api: api, isJSON: json, hasHeadings: sources.count > 1),
      progress: Progress(total: sources.count, isScreen: Terminal.hasErrorScreen),
      sink: .init(output: { Terminal.write($0) }, errors: { Terminal.writeError($0) }))
    let parameters = try parameters()
    let status = await run.run { [self] index in
      await send(sources[index], parameters, client)
    }
    await client.close()
    if status != .success { throw CommandFailure(status) }
  }

  /// Where a picture comes from.
  private enum Source {
    case file(String)
    case address(String)

    var name: String {
      switch self {
      case .file(let name), .address(let name): name
      }
    }
  }

  private func parameters() throws(ValidationError) -> OptionList {
    do throws(OptionList.Invalid) {
      return try OptionList(options)
    } catch {
      throw ValidationError(error.description)
    }
  }

  private func connect(_ settings: AMQPSettings) async throws(CommandFailure) -> OCRClient {
    var options = OCRClientOptions()
    // Straight to the queue: the exchange would return a request for an API that the relays do not know, instead of
    // having it answered.
    options.queue = settings.queue
    options.connectTimeout = settings.connectTimeout
    options.tls = settings.tls
    var failure = CommandFailure(.brokerUnreachable, "no broker is configured")
    for address in settings.urls {
      do throws(OCRClientError) {
        return try await OCRClient.connect(url: address.reveal(), options: options)
      } catch {
        let isURL = if case .invalidURL = error { true } else { false }
        failure = CommandFailure(isURL ? .configuration : .brokerUnreachable, error.description)
      }
    }
    throw failure
  }

  private func send(_ source: Source, _ parameters: OptionList, _ client: OCRClient) async -> RequestOutcome {
    let content: RequestContent
    switch source {
    case .address(let address): content = RequestContent(url: address)
    case .file(let name):
      do throws(WholeFile.Failure) {
        content = RequestContent(file: try WholeFile.read(name, limit: Self.largestFile))
      } catch {
        return .unreadable(error.message)
      }
    }
    do throws(OCRClientError) {
      let request = content.request(api: api, options: parameters, timeout: .seconds(timeoutSeconds))
      return RequestOutcome(try await client.recognize(request))
    } catch {
      return RequestOutcome(error)
    }
  }
}

extension RequestOutcome {
  init(_ reply: OCRReply) {
    switch reply {
    case .result(let result): self = .result(result.body)
    case .error(let problem): self = .problem(problem)
    }
  }

  init(_ error: OCRClientError) {
    switch error {
    case .timedOut: self = .timedOut
    case .invalidRequest, .unreadableReply: self = .notAnswered(error.description)
    case .invalidURL, .brokerUnreachable, .connectionLost, .unroutable, .refused, .closed:
      self = .brokerFailed(error.description)
    }
  }
}
