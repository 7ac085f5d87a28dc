public import RelayCore
internal import SocketTransport

/// The Redis or Valkey server that relays share their state through.
public struct RedisSettings: Sendable, Equatable {
  /// Address with user, password and database; empty means that there is none.
  public var url = Secret("")
  /// Password; empty means the one of the address.
  public var password = Secret("")
  /// Authorities for `rediss`, as PEM; nil means those of the system.
  public var caFile: String?
  /// The relay's own certificate for mutual TLS, as PEM.
  public var certificateFile: String?
  /// The key of that certificate, as PEM.
  public var keyFile: String?
  /// What all keys begin with.
  public var keyPrefix = "ocr:"
  /// How long a command may take before the relay goes on without its answer.
  public var budget = Duration.milliseconds(20)
}

/// The key that seals what leaves the process.
public struct SealSettings: Sendable, Equatable {
  /// 32 bytes in base64 or hexadecimal; empty means none.
  public var key = Secret("")
  /// A second key that opens and does not seal; empty means none.
  public var otherKey = Secret("")
}

extension RedisSettings {
  var tls: TLSSettings { TLSSettings(caFile: caFile, certificateFile: certificateFile, keyFile: keyFile) }
}

extension RelayConfiguration {
  /// Whether anything is kept in Redis.
  var usesRedis: Bool { !featuresInRedis.isEmpty }

  /// The settings that want Redis.
  var featuresInRedis: [String] { sealedInRedis + (rate.store == .redis ? ["rate.store"] : []) }

  /// Those among them whose data must not be readable there.
  var sealedInRedis: [String] {
    (auth.store == .redis ? ["auth.store"] : []) + (results.kind == .redis ? ["results.kind"] : [])
  }
}
