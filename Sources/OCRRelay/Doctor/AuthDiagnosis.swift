internal import OCRContract
internal import RelayCore

/// Explains a refusal to the person who set up the credential. Pure.
struct AuthDiagnosis {
  let configuration: RelayConfiguration

  /// A step that failed: what was answered, and what to do.
  func step(_ name: String, _ failure: CallFailure) -> AuthReport.Step {
    AuthReport.Step(name, isWrong(failure) ? .wrong : .unreachable, Self.answer(failure), advice: advice(for: failure))
  }

  private func isWrong(_ failure: CallFailure) -> Bool {
    failure.scope == .credential || failure.retry == .never || failure.errorClass == .authMisconfigured
  }

  /// Code and text of the answer, or what became of the connection.
  private static func answer(_ failure: CallFailure) -> String {
    let status = failure.backend.httpStatus.map { "\($0)" }
    let code = failure.backend.code == status ? nil : failure.backend.code
    let parts = [status.map { "HTTP \($0)" }, code, failure.backend.message]
    let text = parts.compactMap { $0 }.joined(separator: ", ")
    return text.isEmpty ? failure.code.rawValue : text
  }

  private func advice(for failure: CallFailure) -> [String] {
    let code = failure.backend.code ?? ""
    let message = (failure.backend.message ?? "").lowercased()
    switch failure.backend.domain {
    case "transport": return transport(code)
    case "iam": return login(message, failure)
    case "apig", "apigw": return gateway(code, message, failure)
    case "modelarts": return service(code, failure)
    default: return [failure.advice]
    }
  }

  // MARK: By who answered

  private func transport(_ name: String) -> [String] {
    let place = "\(configuration.backendEndpoint) or \(configuration.authEndpoint)"
    switch name {
    case "resolve-failed":
      return ["A name in \(place) is not known: check backend.region, the endpoints and the name server."]
    case "tls-failed": return ["The certificate or TLS version was refused: check the endpoints and backend.ca_file."]
    case "redirected": return ["The address answers with another one: check the endpoints, and proxies on the way."]
    default: return ["Nothing answers at \(place): check network, firewalls and backend.proxy."]
    }
  }

  private func login(_ message: String, _ failure: CallFailure) -> [String] {
    let auth = configuration.auth
    if failure.isLock {
      return [
        "Too many wrong passwords have locked the account, for 15 minutes unless it is set otherwise.",
        "Every try prolongs that: correct the password, wait, then run this once. Relays wait by themselves.",
      ]
    }
    if message.contains("password is wrong") || message.contains("userinfo") {
      var lines = ["One of the three is wrong: user \(auth.username), account \(auth.accountName), or the password."]
      if auth.accountName == auth.username {
        lines.append(
          "The user is named like the account. Users of that kind get no tokens in newer accounts: create an IAM user "
            + "with programmatic access and write the account into auth.domain_name.")
      }
      return lines + ["Do not try again and again: five wrong passwords in 15 minutes lock the account."]
    }
    if message.contains("console access") {
      return ["User \(auth.username) may only use the console: allow programmatic access in its security settings."]
    }
    if failure.backend.code == "IAM.1109" || message.contains("project") {
      return [
        "There is no project \(configuration.authProjectName): check auth.project_name and backend.region.",
        "A region that was never opened in the console has no project yet: open it there once.",
      ]
    }
    return [failure.advice]
  }

  private func gateway(_ code: String, _ message: String, _ failure: CallFailure) -> [String] {
    if let skew = Self.skew(message) { return skew }
    if failure.isLock { return ["The access key is locked for five minutes after several failures: leave it alone."] }
    if message.contains("ak not exist") || message.contains("secretkey failed") {
      return ["The access key (AK) is unknown: check auth.access_key, and whether the key was deleted."]
    }
    if message.contains("signature fail") {
      return [
        "The secret key (SK) does not belong to the access key, or something on the way changes the request.",
        "Look for missing or extra characters in auth.secret_key; proxies must leave host and content type alone.",
      ]
    }
    if code.hasSuffix(".0307") || message.contains("decrypt token fail") {
      return [
        "The token is new, so it is of another region: it comes from \(configuration.authEndpoint), "
          + "and \(configuration.backendEndpoint) was called.",
        "Both must be of region \(configuration.backend.region), which is that of the subscription.",
      ]
    }
    if code.hasSuffix(".0101") {
      return ["The address is not that of an API: check backend.endpoint, backend.region and backend.project_id."]
    }
    return [failure.advice]
  }

  private func service(_ code: String, _ failure: CallFailure) -> [String] {
    switch code {
    case "ModelArts.4204":
      return [
        "The API is not subscribed to: open the OCR console in region \(configuration.backend.region) and enable it.",
        "Subscriptions are not shared between regions.",
      ]
    case "ModelArts.0212":
      return ["The token is not bound to a project: check auth.project_name, which is the region as a rule."]
    case "ModelArts.4203": return ["The user lacks the permission: give it the OCR role for this project."]
    default: return [failure.advice]
    }
  }

  /// The gateway tells both times when they differ too much.
  private static func skew(_ message: String) -> [String]? {
    guard message.contains("signature expired") else { return nil }
    let times = message.uppercased().split { !$0.isLetter && !$0.isNumber }
      .filter { $0.utf8.count == 16 && $0.hasSuffix("Z") }
    let both = times.count == 2 ? ": \(times[0]) here, \(times[1]) there" : ""
    return [
      "The clocks differ by more than 15 minutes\(both).",
      "Set the clock of this machine, for example by NTP.",
    ]
  }
}
