/// Whether what is kept outside of the process is sealed.
public enum Wrapping: Sendable {
  /// With this sealer.
  case sealed(Sealer)
  /// Not at all: nobody else can read the place.
  case plain
}

extension Wrapping {
  func wrap(_ bytes: [UInt8], context: String) -> [UInt8] {
    switch self {
    case .sealed(let sealer): sealer.seal(bytes, context: context)
    case .plain: bytes
    }
  }

  func unwrap(_ bytes: [UInt8], context: String) throws(SealFailure) -> [UInt8] {
    switch self {
    case .sealed(let sealer): try sealer.open(bytes, context: context)
    case .plain: bytes
    }
  }
}
