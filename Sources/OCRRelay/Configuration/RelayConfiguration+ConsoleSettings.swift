extension RelayConfiguration {
  /// The settings of the section `console`.
  static let consoleSettings: [Setting] = [
    Setting(
      "console", "listen", \.console.listen, .listenAddress(example: "127.0.0.1:8091"),
      "Address and port of the pages. They are not encrypted: put a proxy with TLS before them for other machines."),
    Setting(
      "console", "public_url", \.console.publicURL, .optionalAddress(example: "https://ocr-console.example.com"),
      "Where browsers reach it, when there is a proxy between; forms from any other address are refused."),
    Setting(
      "console", "operate_token", \.console.operateToken, .secret("a token"),
      "Whoever has it may look, replay, put aside and delete. At least 16 bytes; make one with: openssl rand -hex 24."),
    Setting(
      "console", "read_token", \.console.readToken, .secret("a token"),
      "Whoever has it may look, pictures included. One of the two tokens is needed, or a trusted proxy."),
    Setting(
      "console", "trusted_proxies", \.console.trustedProxies,
      .list("a list of addresses", example: "127.0.0.1, 10.0.0.0/8"),
      "Proxies that log people in and say who they are; addresses or ranges. Empty: none."),
    Setting(
      "console", "user_header", \.console.userHeader, .text("the name of a header", example: "X-Forwarded-User"),
      "The header in which they say it; they must take it out of what browsers send."),
    Setting(
      "console", "operators", \.console.operators, .list("a list of users", example: "mei, jan"),
      "Users of those proxies that may operate; all others may look."),
    Setting(
      "console", "relays", \.console.relays,
      .list("a list of addresses", example: "http://relay-1:8080, http://relay-2:8080"),
      "The HTTP ports (http.listen) of the relays to show. A name with several addresses stands for all of them."),
    Setting(
      "console", "sample_seconds", \.console.sampleInterval, .seconds(1...300, example: "10"),
      "Time between two looks at relays and queues."),
    Setting(
      "console", "state_folder", \.console.stateFolder,
      .optionalText("the name of a folder", example: "/var/lib/ocr-relay/console"),
      "Folder for the plans of replays and the audit log; empty: console in the folder of auth.store_folder's default."),
  ]
}
