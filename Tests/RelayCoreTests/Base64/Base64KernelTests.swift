import Testing

@testable import RelayCore

/// The encoder's two ways, of which a machine usually takes one.
struct Base64KernelTests {
  @Test func bothWaysGiveTheSameTextAndStayInTheirRoom() {
    let seed = CheckRandom.seed("Base64Kernel")
    var random = CheckRandom(seed: seed)
    for groups in 0...200 {
      let input = random.bytes(groups * 3)
      let table = encoded(input, Base64Kernel.encodeByTable)
      let whole = encoded(input, Base64Kernel.encode)
      #expect(table == whole, "seed \(seed), \(groups) groups")
      #expect(table.suffix(40).allSatisfy { $0 == 0xEE })
    }
  }

  /// What was written, and 40 bytes behind it that must be untouched.
  private func encoded(
    _ input: [UInt8], _ encode: (UnsafeRawPointer, Int, UnsafeMutableRawPointer) -> Void
  ) -> [UInt8] {
    var room = [UInt8](repeating: 0xEE, count: input.count / 3 * 4 + 40)
    input.withUnsafeBytes { input in
      room.withUnsafeMutableBytes { room in
        guard let source = input.baseAddress, let target = room.baseAddress else { return }
        encode(source, input.count / 3, target)
      }
    }
    return room
  }
}
