/// Identifiers that do not repeat: 128 random bits as hexadecimal text.
enum RandomID {
  static func make() -> String {
    var random = SystemRandomNumberGenerator()
    let halves = [random.next(), random.next()].map { value in
      let digits = String(value, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }
    return halves.joined()
  }
}
