internal import DeadLetters

extension ConsoleSite {
  /// Does what an allowed and meant request wants, and writes it down first: nothing is done unseen.
  func perform(
    _ action: ConsoleAction, _ form: FormValues, _ request: ConsoleRequest, _ frame: PageFrame, _ identity: Identity
  ) async -> ConsoleResponse {
    do throws(Refusal) {
      switch action {
      case .logout: return notFound(frame)
      case .look: return try await look(form)
      case .replay:
        guard let care = ReplayForm(form) else { throw .invalid }
        let choice = try meantChoice(form)
        try await begin(action, choice.text, request, identity)
        return try await started { () async throws(LetterOffice.Problem) in
          try await self.office.replay(choice, care, by: identity.name)
        }
      case .park:
        let choice = try meantChoice(form)
        guard !choice.isParked else { throw .invalid }
        try await begin(action, choice.text, request, identity)
        return try await started { () async throws(LetterOffice.Problem) in
          try await self.office.park(choice, by: identity.name)
        }
      case .purge: return try await purge(form, request, frame, identity)
      case .resume(let id):
        guard let care = ReplayForm(form) else { throw .invalid }
        try await begin(action, id, request, identity)
        return try await started { () async throws(LetterOffice.Problem) in
          try await self.office.resume(id, care, by: identity.name)
        }
      case .stop(let id):
        try await begin(action, id, request, identity)
        await office.stop(id)
        return .seeOther("/jobs/" + id)
      }
    } catch {
      return answer(to: error, frame)
    }
  }

  /// Why an action was not begun.
  private enum Refusal: Error {
    /// The form is none that a page of ours sends.
    case invalid
    /// Letters cannot be worked on now.
    case problem(LetterOffice.Problem)
    /// It cannot be written down.
    case unseen(ConsoleResponse)
  }

  private func answer(to refusal: Refusal, _ frame: PageFrame) -> ConsoleResponse {
    switch refusal {
    case .invalid:
      self.refusal(
        frame, frame.say("The form is not complete or not right. Nothing was done.", "表单不完整或有误，未执行任何操作。"), status: 400)
    case .problem(let problem): self.refusal(frame, frame.text(problem), status: problem == .gone ? 404 : 409)
    case .unseen(let response): response
    }
  }

  /// The letters that a form means. All of them are meant only when it says so.
  private func meantChoice(_ form: FormValues) throws(Refusal) -> LetterChoice {
    guard let choice = LetterChoice(form), !choice.isEverything || form["all"] == "yes" else { throw .invalid }
    return choice
  }

  private func begin(
    _ action: ConsoleAction, _ what: String, _ request: ConsoleRequest, _ identity: Identity, letters: Int? = nil
  ) async throws(Refusal) {
    if let problem = await note(identity, request, action.name, what: what, letters: letters, outcome: "wanted") {
      throw .unseen(problem)
    }
  }

  private func started(
    _ start: () async throws(LetterOffice.Problem) -> String
  ) async throws(Refusal) -> ConsoleResponse {
    do throws(LetterOffice.Problem) {
      return .seeOther("/jobs/" + (try await start()))
    } catch {
      throw .problem(error)
    }
  }

  private func look(_ form: FormValues) async throws(Refusal) -> ConsoleResponse {
    guard let choice = LetterChoice(form) else { throw .invalid }
    _ = await office.view(isParked: choice.isParked, depth: nil, countsLooks: false, isWanted: true)
    return .seeOther("/causes" + (choice.isParked ? "?place=parked" : ""))
  }

  private func purge(
    _ form: FormValues, _ request: ConsoleRequest, _ frame: PageFrame, _ identity: Identity
  ) async throws(Refusal) -> ConsoleResponse {
    let choice = try meantChoice(form)
    let counted: Int
    do throws(LetterOffice.Problem) {
      counted = try await office.count(choice).total.letters
    } catch {
      throw .problem(error)
    }
    guard let typed = form["count"].flatMap({ Int($0) }), typed == counted, typed > 0 else {
      let text = frame.say(
        "The number was not right, or it has changed. Nothing was deleted.", "数量不正确或已变化，未删除任何内容。")
      return await confirmation(.purge, choice, frame, problem: text, status: 400)
    }
    try await begin(.purge, choice.text, request, identity, letters: typed)
    return try await started { () async throws(LetterOffice.Problem) in
      try await self.office.purge(choice, expected: typed, by: identity.name)
    }
  }
}
