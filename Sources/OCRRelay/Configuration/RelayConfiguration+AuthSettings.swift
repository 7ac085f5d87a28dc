extension RelayConfiguration {
  /// The settings of the section `auth`.
  static let authSettings: [Setting] = [
    Setting(
      "auth", "kind", \.auth.kind, .choice(example: .iamPassword),
      "The way to authenticate.\n"
        + "iam_password: a token got with user name and password.\n"
        + "ak_sk: each call signed with an access key, permanent or temporary; no login.\n"
        + "app_secret: a token got with an app id and its secret, of which only the last one is valid.\n"
        + "bearer: a fixed key, as gateways take it."),
    Setting(
      "auth", "endpoint", \.auth.endpoint, .optionalAddress(example: "https://iam.cn-north-4.myhuaweicloud.com"),
      "Address for logins. iam_password: empty for the identity service of the region. app_secret: the platform."),
    Setting(
      "auth", "username", \.auth.username, .text("the name of a user", example: "ocr-relay"),
      "iam_password: name of the user. A user named like the account gets no tokens: make one of its own."),
    Setting("auth", "password", \.auth.password, .secret("a password"), "iam_password: password of the user."),
    Setting(
      "auth", "domain_name", \.auth.domainName, .optionalText("the name of an account", example: "example-company"),
      "iam_password: account that the user belongs to; empty: it has the user's name."),
    Setting(
      "auth", "project_name", \.auth.projectName, .optionalText("the name of a project", example: "cn-north-4"),
      "iam_password: project that the token is for; empty: the region."),
    Setting(
      "auth", "access_key", \.auth.accessKey, .secret("an access key"),
      "ak_sk: the access key (AK). Set backend.project_id too."),
    Setting("auth", "secret_key", \.auth.secretKey, .secret("a secret key"), "ak_sk: the secret key (SK)."),
    Setting(
      "auth", "security_token", \.auth.securityToken, .secret("a security token"),
      "ak_sk: the security token of a temporary key; empty: the key is permanent."),
    Setting(
      "auth", "app_id", \.auth.appID, .text("an app id", example: "3f2a9c"), "app_secret: the id of the application."),
    Setting("auth", "app_secret", \.auth.appSecret, .secret("a secret"), "app_secret: its secret."),
    Setting("auth", "bearer_key", \.auth.bearerKey, .secret("a key"), "bearer: the key, without the word Bearer."),
    Setting(
      "auth", "store", \.auth.store, .choice(example: .file),
      "Where the token is kept, and where relays agree on who logs in or tries a new access key. file: for all relays\n"
        + "of this machine and user, and the next start; redis: for all relays; memory: for each relay alone."),
    Setting(
      "auth", "store_folder", \.auth.storeFolder, .optionalText("the name of a folder", example: "/var/lib/ocr-relay"),
      "Folder for that file; empty: STATE_DIRECTORY, else /var/lib/ocr-relay for root, else ~/.local/state/ocr-relay.\n"
        + "The file can be read by its owner alone, and is sealed when there is a seal.key."),
    Setting(
      "auth", "renew_before_seconds", \.auth.renewBefore, .seconds(0...43200, example: "300"),
      "How long before its end a token is renewed; never more than half of its life."),
    Setting(
      "auth", "timeout_seconds", \.auth.timeout, .seconds(1...300, example: "15"),
      "Bound for one call of a login."),
  ]
}
