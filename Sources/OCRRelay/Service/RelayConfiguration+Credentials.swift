internal import EventLoop
internal import HTTPTransport
internal import HuaweiCloud
internal import Logging
internal import RelayCore

/// The credential that the configuration describes.
extension RelayConfiguration {
  /// The credential of calls, of whatever kind.
  func makeCredentials(
    client: HTTPClient, secrets: AuthSecrets, store: any TokenStore, reactor: Reactor, logger: Logger
  ) throws(HTTPClientError) -> any CallCredentials {
    switch auth.kind {
    case .iamPassword, .appSecret:
      let login = try makeLogin(client: client, secrets: secrets)
      return TokenKeeper(
        login: login, store: store, policy: TokenPolicy(renewBefore: auth.renewBefore), rules: loginRules,
        reactor: reactor, logger: logger)
    case .accessKey:
      return KeyKeeper(
        policy: KeyLifecycle.Policy(), store: store, secretTag: { secrets.accessKeyTag }, reactor: reactor,
        logger: logger, signedGrant(secrets))
    case .bearer:
      let policy = KeyLifecycle.Policy(firstRest: .seconds(2))
      return KeyKeeper(policy: policy, reactor: reactor, logger: logger, bearerGrant(secrets))
    }
  }

  /// The login of a kind that has one.
  func makeLogin(client: HTTPClient, secrets: AuthSecrets) throws(HTTPClientError) -> any TokenLogin {
    if auth.kind == .appSecret {
      return try AppSecretLogin(
        client: client, endpoint: authEndpoint, appID: auth.appID, secret: secrets["auth.app_secret"],
        timeout: auth.timeout)
    }
    return try IAMLogin(
      client: client, endpoint: authEndpoint,
      identity: IAMLogin.Identity(
        user: auth.username, password: secrets["auth.password"], domain: auth.domainName,
        project: .name(authProjectName)),
      timeout: auth.timeout, callHeaders: enterpriseHeaders, projectID: backend.projectID)
  }

  /// A login of `app_secret` ends the tokens of all others, so nobody goes on alone there; and it may take two calls.
  private var loginRules: LoginFlight.Rules {
    let calls = auth.kind == .appSecret ? 2 : 1
    let claim = LoginClaim(leaseTime: auth.timeout * calls + .seconds(10))
    return LoginFlight.Rules(claim: claim, goesAlone: auth.kind != .appSecret)
  }

  private var enterpriseHeaders: [(name: String, value: String)] {
    backend.enterpriseProjectID.map { [("Enterprise-Project-Id", $0)] } ?? []
  }

  /// Headers that are signed, and sent with every call.
  private func signedGrant(_ secrets: AuthSecrets) -> KeyKeeper.GrantMaker {
    let host = ServiceAddress(backendEndpoint)?.hostHeader ?? ""
    var headers: [(name: String, value: String)] = [("Content-Type", "application/json")] + enterpriseHeaders
    if let project = backend.projectID { headers.append(("X-Project-Id", project)) }
    return { [headers] generation throws(HTTPClientError) in
      let key = secrets.accessKey
      var headers = headers
      if let token = key.securityToken { headers.append(("X-Security-Token", token.reveal())) }
      return CallGrant(
        generation: generation, headers: try HTTPHeaders(headers), projectID: nil,
        signer: CallSigner(key: key, host: host, headers: headers))
    }
  }

  private func bearerGrant(_ secrets: AuthSecrets) -> KeyKeeper.GrantMaker {
    let secret = secrets["auth.bearer_key"]
    return { generation throws(HTTPClientError) in
      let headers = try HTTPHeaders([
        ("Authorization", "Bearer " + secret.value.reveal()), ("Content-Type", "application/json"),
      ])
      return CallGrant(generation: generation, headers: headers, projectID: nil, signer: nil)
    }
  }
}
