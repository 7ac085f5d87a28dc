internal import DeadLetters
internal import OCRContract
internal import RelayCore

extension ConsoleSite {
  /// A page, or a part of one.
  func page(_ segments: [String], _ request: ConsoleRequest, _ frame: PageFrame) async -> ConsoleResponse {
    switch segments {
    case []: return await overview(request, frame)
    case ["causes"]: return await causes(request, frame)
    case ["letters"]: return await letters(request, frame)
    case ["jobs"]:
      let page = JobsPage(frame: frame, jobs: await office.jobs, unfinished: await office.unfinished())
      return .page(page.markup)
    case ["audit"]: return .page(AuditPage(frame: frame, entries: await audit.entries).markup)
    case ["replay"]: return await confirmation(.replay, request, frame)
    case ["park"]: return await confirmation(.park, request, frame)
    case ["purge"]: return await confirmation(.purge, request, frame)
    default: return await single(segments, request, frame)
    }
  }

  /// Pages of one letter or one job.
  private func single(_ segments: [String], _ request: ConsoleRequest, _ frame: PageFrame) async -> ConsoleResponse {
    if segments.count == 2, segments[0] == "jobs", JobID.isValid(segments[1]) {
      guard let job = await office.job(segments[1]) else { return notFound(frame) }
      return .page(JobPage(frame: frame, job: job).markup)
    }
    guard (2...3).contains(segments.count), segments[0] == "letters", LetterID(text: segments[1]) != nil,
      let choice = LetterChoice(request.query)
    else { return notFound(frame) }
    let id = segments[1]
    switch segments.dropFirst(2).first {
    case nil: return await letter(id, choice.isParked, frame)
    case "picture": return await picture(id, choice.isParked, frame)
    case "file": return await file(id, choice.isParked, frame)
    default: return notFound(frame)
    }
  }

  private func overview(_ request: ConsoleRequest, _ frame: PageFrame) async -> ConsoleResponse {
    let span = request.query["span"].flatMap(DepthHistory.Span.init(rawValue:)) ?? .hour
    let page = OverviewPage(
      frame: frame, picture: await live.picture, span: span, workQueues: options.workQueues)
    return .page(page.markup)
  }

  // MARK: Letters

  /// How many letters the queues of a place held a moment ago; nil when that is not known.
  private func depth(isParked: Bool, _ picture: LiveView.Picture) -> Int? {
    guard let depths = picture.depths.last?.depths else { return nil }
    return isParked ? depths[QueueName.parked] : QueueName.dead.reduce(0) { $0 + (depths[$1] ?? 0) }
  }

  private func view(isParked: Bool, _ picture: LiveView.Picture) async -> LetterOffice.View {
    await office.view(
      isParked: isParked, depth: depth(isParked: isParked, picture), countsLooks: picture.countsLooks)
  }

  private func causes(_ request: ConsoleRequest, _ frame: PageFrame) async -> ConsoleResponse {
    guard let choice = LetterChoice(request.query) else { return notFound(frame) }
    let picture = await live.picture
    let page = CausesPage(
      frame: frame, view: await view(isParked: choice.isParked, picture), isParked: choice.isParked,
      parkedCount: depth(isParked: true, picture) ?? 0, countsLooks: picture.countsLooks)
    return .page(page.markup)
  }

  private func letters(_ request: ConsoleRequest, _ frame: PageFrame) async -> ConsoleResponse {
    guard let choice = LetterChoice(request.query) else { return notFound(frame) }
    let view = await view(isParked: choice.isParked, await live.picture)
    return .page(LettersPage(frame: frame, view: view, choice: choice).markup)
  }

  private func letter(_ id: String, _ isParked: Bool, _ frame: PageFrame) async -> ConsoleResponse {
    do throws(LetterOffice.Problem) {
      var record = await office.known(id, isParked: isParked)
      if record == nil { record = try await office.letter(id, isParked: isParked).record }
      guard let record else { return notFound(frame) }
      let exhibit: Result<Exhibit, LetterOffice.Problem>
      do throws(LetterOffice.Problem) {
        exhibit = .success(try await office.exhibit(id, isParked: isParked))
      } catch {
        exhibit = .failure(error)
      }
      return .page(LetterPage(frame: frame, record: record, exhibit: exhibit, id: id, isParked: isParked).markup)
    } catch {
      return refusal(frame, frame.text(error), status: error == .gone ? 404 : 503)
    }
  }

  /// The picture for `<img>`: of a kind that the bytes themselves have told, and sandboxed should somebody open it alone.
  private func picture(_ id: String, _ isParked: Bool, _ frame: PageFrame) async -> ConsoleResponse {
    do throws(LetterOffice.Problem) {
      guard case .picture(let kind, let bytes) = try await office.exhibit(id, isParked: isParked) else {
        return .text("no picture\n", status: 404)
      }
      let ending = kind.rawValue.split(separator: "/").last ?? "bin"
      return ConsoleResponse(status: 200, contentType: kind.rawValue, body: bytes)
        .with("Content-Disposition", "inline; filename=\"\(id.prefix(12)).\(ending)\"")
        .with("Content-Security-Policy", "default-src 'none'; sandbox")
        .with("Cache-Control", "private, max-age=3600")
    } catch {
      return .text("not available\n", status: error == .gone ? 404 : 503)
    }
  }

  /// What a letter carries, to be saved and never shown: a picture's bytes, else the body as it is.
  private func file(_ id: String, _ isParked: Bool, _ frame: PageFrame) async -> ConsoleResponse {
    do throws(LetterOffice.Problem) {
      let letter = try await office.letter(id, isParked: isParked)
      var (bytes, ending) = (letter.body, "request")
      if case .file(let picture, let kind) = LetterPicture(body: letter.body, contentType: letter.record.contentType) {
        (bytes, ending) = (picture, LetterPicture.fileExtension(kind))
      }
      return ConsoleResponse(status: 200, contentType: "application/octet-stream", body: bytes)
        .with("Content-Disposition", "attachment; filename=\"\(id.prefix(12)).\(ending)\"")
        .with("Content-Security-Policy", "default-src 'none'; sandbox")
    } catch {
      return refusal(frame, frame.text(error), status: error == .gone ? 404 : 503)
    }
  }

  // MARK: Asking first

  /// The page that asks before an action.
  func confirmation(
    _ kind: Job.Kind, _ request: ConsoleRequest, _ frame: PageFrame
  ) async -> ConsoleResponse {
    guard let choice = LetterChoice(request.query), !(kind == .park && choice.isParked) else { return notFound(frame) }
    guard frame.mayOperate else {
      return refusal(frame, frame.say("You may look, but not change anything.", "您只能查看，不能更改。"), status: 403)
    }
    return await confirmation(kind, choice, frame, problem: nil, status: 200)
  }

  /// The same again, with what is wrong about the answer.
  func confirmation(
    _ kind: Job.Kind, _ choice: LetterChoice, _ frame: PageFrame, problem: String?, status: Int
  ) async -> ConsoleResponse {
    do throws(LetterOffice.Problem) {
      let statistics = try await office.count(choice)
      let page = ConfirmPage(frame: frame, kind: kind, choice: choice, statistics: statistics, problem: problem)
      return .page(page.markup, status: status)
    } catch {
      return refusal(frame, frame.text(error), status: 503)
    }
  }
}
