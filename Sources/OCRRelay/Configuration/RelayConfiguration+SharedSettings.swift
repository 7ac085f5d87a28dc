extension RelayConfiguration {
  /// What relays share: Redis, and the key that seals.
  static let sharedSettings: [Setting] = [
    Setting(
      "redis", "url", \.redis.url, .redisAddress,
      "Address of Redis or Valkey, rediss:// with TLS; empty: none. It is used by what is set to redis:\n"
        + "auth.store and results.kind. The relay goes on without it whenever it fails."),
    Setting("redis", "password", \.redis.password, .secret("a password"), "Password; empty: the one of the address."),
    Setting(
      "redis", "ca_file", \.redis.caFile, .optionalText("the name of a PEM file", example: "/etc/ocr-relay/ca.pem"),
      "Authorities for rediss; empty: those of the system."),
    Setting(
      "redis", "certificate_file", \.redis.certificateFile,
      .optionalText("the name of a PEM file", example: "/etc/ocr-relay/client.pem"),
      "The relay's own certificate, where Redis asks for one."),
    Setting(
      "redis", "key_file", \.redis.keyFile,
      .optionalText("the name of a PEM file", example: "/etc/ocr-relay/client.key"), "The key of that certificate."),
    Setting(
      "redis", "key_prefix", \.redis.keyPrefix, .text("the beginning of keys", example: "ocr:"),
      "What all keys begin with: relays with the same prefix are one fleet. An access list needs ~ocr:* for it."),
    Setting(
      "redis", "budget_ms", \.redis.budget, .milliseconds(1...10_000, example: 20),
      "How long a command may take before the relay goes on without its answer."),
    Setting(
      "seal", "key", \.seal.key, .secret("a key"),
      "32 bytes in base64 or hexadecimal, the same for all relays; make them with: openssl rand -base64 32.\n"
        + "Whatever is kept in Redis needs it."),
    Setting(
      "seal", "other_key", \.seal.otherKey, .secret("a key"),
      "A second key that opens and does not seal, for the time in which seal.key is replaced. First every relay gets\n"
        + "the new key here, then every one gets the two exchanged, then the old one is removed."),
  ]
}
