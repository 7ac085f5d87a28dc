import FoundationEssentials
import Synchronization

/// Answers `POST /v2/{project_id}/ocr/{api}`.
struct OCRHandler: Sendable {
  let configuration: SandboxConfiguration
  let catalogue: APICatalogue
  let state: SandboxState
  let recogniser: any Recogniser
  let downloader: LoopbackDownloader

  /// Answers one call and fills in what the ledger shall know of it.
  func answer(_ call: IncomingCall, faults: FaultRunner, entry: inout LedgerEntry) async -> Answer {
    do throws(Refusal) {
      return try await served(call, faults: faults, entry: &entry)
    } catch {
      entry.outcome = error.status == 429 ? .throttled : .refused
      entry.code = error.code
      return Answer(error, requestID: call.requestID)
    }
  }

  private func served(
    _ call: IncomingCall, faults: FaultRunner, entry: inout LedgerEntry
  ) async throws(Refusal) -> Answer {
    let parts = call.pathParts
    guard call.method == "POST", parts.count == 4, parts[0] == "v2", parts[2] == "ocr",
      let specification = catalogue[parts[3]]
    else { throw .unknownAPI }
    entry.api = specification.api
    let token = call.headers["x-auth-token"]
    let doom = faults.doom(target: .ocr, api: specification.api)
    if !doom.early.isEmpty {
      entry.fault = doom.early.map(\.kind.rawValue).joined(separator: "+")
      await faults.runEarly(doom.early, token: token, at: configuration.now())
    }
    try admit(call, projectID: parts[1])
    try enter()
    defer { state.running.withLock { $0 -= 1 } }
    guard let fault = doom.last else {
      return try await carriedOut(call, specification, entry: &entry)
    }
    var answer: Answer?
    if fault.phase == .after { answer = try await carriedOut(call, specification, entry: &entry) }
    entry.outcome = .fault
    entry.fault = ([entry.fault].compactMap { $0 } + [fault.kind.rawValue]).joined(separator: "+")
    if fault.kind == .status || fault.kind == .throttle { entry.code = fault.refusal.code }
    return await faults.spoil(answer, with: fault, requestID: call.requestID)
  }

  private func admit(_ call: IncomingCall, projectID: String) throws(Refusal) {
    let now = configuration.now()
    try CallerCheck(configuration: configuration, state: state).check(call, projectID: projectID)
    let refusal = state.gate.withLock { gate -> Refusal? in
      guard gate?.admit(at: now) == false, let limit = gate?.limit else { return nil }
      return .throttled(limit: limit.calls, seconds: limit.seconds)
    }
    if let refusal { throw refusal }
  }

  private func enter() throws(Refusal) {
    let limit = configuration.concurrencyLimit ?? Int.max
    let isFull = state.running.withLock { running in
      if running >= limit { return true }
      running += 1
      return false
    }
    if isFull { throw .tooManyAtOnce }
  }

  private func carriedOut(
    _ call: IncomingCall, _ specification: APISpecification, entry: inout LedgerEntry
  ) async throws(Refusal) -> Answer {
    let request = try OCRRequest(
      body: call.body, contentType: call.headers["content-type"], specification: specification)
    let body = try await result(of: request, specification, entry: &entry)
    entry.outcome = .ok
    entry.isBilled = true
    return Answer(status: 200, json: body)
  }

  private func result(
    of request: OCRRequest, _ specification: APISpecification, entry: inout LedgerEntry
  ) async throws(Refusal) -> JSONValue {
    let file: Data
    switch request.document {
    case .file(let data): file = data
    case .url(let url):
      file = try await downloader.download(url)
    case .none: return FieldExtraction.withoutPicture(specification, options: request.options)
    }
    entry.imageSHA256 = Fingerprint.sha256(file)
    try DocumentRules.check(file, for: specification, isInstant: configuration.isInstant)
    let findDirection =
      request.options.isOn("detect_direction") || request.options.isOn("detect_text_direction")
    let page = try await recogniser.read(file, findDirection: findDirection)
    let fields =
      configuration.isInstant
      ? [:] : try FieldExtraction.fields(of: specification, options: request.options, page: page)
    return AnswerBuilder(specification: specification, options: request.options, page: page, fields: fields).body()
  }
}
