internal import RedisStore
internal import RelayCore
internal import SharedState

extension ConfigurationLoader {
  /// What is wrong between Redis, its users and the key that seals.
  mutating func checkSharedState() {
    let redis = configuration.redis
    for key in configuration.featuresInRedis {
      if redis.url.isEmpty { complain(key, "needs Redis; put its address into redis.url") }
      if configuration.seal.key.isEmpty, configuration.sealedInRedis.contains(key) {
        complain(key, "needs seal.key, as nothing readable is kept in Redis; make one with: openssl rand -base64 32")
      }
    }
    for (name, key) in [("seal.key", configuration.seal.key), ("seal.other_key", configuration.seal.otherKey)]
    where !key.isEmpty {
      do throws(SealingKey.Problem) {
        _ = try SealingKey(text: key.reveal())
      } catch {
        complain(name, "\(error)")
      }
    }
    if configuration.seal.key.isEmpty, !configuration.seal.otherKey.isEmpty {
      complain("seal.other_key", "only opens; set seal.key too, which seals")
    }
    if (redis.certificateFile == nil) != (redis.keyFile == nil) {
      let (present, absent) =
        redis.keyFile == nil
        ? ("redis.certificate_file", "redis.key_file") : ("redis.key_file", "redis.certificate_file")
      complain(present, "needs \(absent) too")
    }
    if redis.caFile != nil, let endpoint = try? RedisURL.parse(redis.url.reveal()), !endpoint.usesTLS {
      complain("redis.ca_file", "has no effect on a redis:// address; write rediss:// in redis.url")
    }
    if redis.keyPrefix.isEmpty || !redis.keyPrefix.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
      complain("redis.key_prefix", "must be printable text without blanks")
    }
  }
}
