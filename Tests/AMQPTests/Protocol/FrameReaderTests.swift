import Testing

@testable import AMQP

@Suite struct FrameReaderTests {
  /// A frame as it was handed over; the pieces of a body frame are joined.
  struct Seen: Equatable {
    var type: UInt8
    var channel: UInt16
    var payload: [UInt8]
  }

  private static let frames: [Seen] = [
    .init(type: 1, channel: 0, payload: Array(0..<40)),
    .init(type: 8, channel: 0, payload: []),
    .init(type: 1, channel: 1, payload: [0, 60, 0, 60]),
    .init(type: 2, channel: 1, payload: Array(0..<60)),
    .init(type: 3, channel: 1, payload: Array(0..<100)),
    .init(type: 3, channel: 1, payload: [0xCE, 0xCE, 0xCE]),
    .init(type: 8, channel: 0, payload: []),
    .init(type: 1, channel: 0xFFFF, payload: [1]),
  ]

  private static var stream: [UInt8] {
    frames.flatMap { WireBytes.frame($0.type, channel: $0.channel, $0.payload) }
  }

  private static func read(_ slices: [[UInt8]], frameMax: Int = 4_096) throws(ProtocolViolation) -> [Seen] {
    let reader = FrameReader(frameMax: frameMax)
    var seen: [Seen] = []
    for slice in slices {
      let result: Result<Void, ProtocolViolation> = slice.withUnsafeBytes { bytes in
        do throws(ProtocolViolation) {
          try reader.receive(bytes) {
            seen.append(.init(type: $0.type, channel: $0.channel, payload: Array($0.payload)))
          }
          return .success(())
        } catch { return .failure(error) }
      }
      try result.get()
    }
    return joined(seen)
  }

  /// Body pieces carry no frame boundary, so neighbours are joined; `frames` is compared in the same form.
  private static func joined(_ seen: [Seen]) -> [Seen] {
    seen.reduce(into: []) { result, frame in
      if frame.type == 3, let last = result.indices.last, result[last].type == 3 {
        result[last].payload += frame.payload
      } else {
        result.append(frame)
      }
    }
  }

  @Test func wholeStream() throws {
    #expect(try Self.read([Self.stream]) == Self.joined(Self.frames))
  }

  @Test func cutAtEveryByte() throws {
    let stream = Self.stream
    for cut in 0...stream.count {
      #expect(
        try Self.read([Array(stream[..<cut]), Array(stream[cut...])]) == Self.joined(Self.frames), "cut at \(cut)")
    }
  }

  @Test(arguments: [1, 2, 3, 7, 8, 9])
  func smallSlices(size: Int) throws {
    let stream = Self.stream
    let slices = stride(from: 0, to: stream.count, by: size).map { Array(stream[$0..<min($0 + size, stream.count)]) }
    #expect(try Self.read(slices) == Self.joined(Self.frames))
  }

  @Test func anEmptyBodyFrameIsSkipped() throws {
    let bytes = WireBytes.frame(3, []) + WireBytes.frame(8, channel: 0, [])
    for cut in 0...bytes.count {
      #expect(
        try Self.read([Array(bytes[..<cut]), Array(bytes[cut...])]) == [.init(type: 8, channel: 0, payload: [])])
    }
  }

  @Test(arguments: [1, 3, 8] as [UInt8])
  func aFrameOfTheAgreedSizeIsTheLargest(type: UInt8) throws {
    let largest = WireBytes.frame(type, [UInt8](repeating: 7, count: 4_096 - 8))
    #expect(try Self.read([largest]).first?.payload.count == 4_088)
    let larger = WireBytes.frame(type, [UInt8](repeating: 7, count: 4_096 - 7))
    for cut in [0, 1, 6, 7, 8] {
      #expect(throws: ProtocolViolation.self) { try Self.read([Array(larger[..<cut]), Array(larger[cut...])]) }
    }
  }

  @Test func theLargestSizeFieldIsRefusedAtOnce() {
    #expect(throws: ProtocolViolation.self) { try Self.read([[1, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF]]) }
  }

  @Test(arguments: [1, 2, 3, 8] as [UInt8])
  func aMissingEndOctetIsRefused(type: UInt8) {
    var bytes = WireBytes.frame(type, [1, 2, 3])
    bytes[bytes.count - 1] = 0xCD
    for cut in 0..<bytes.count {
      #expect(throws: ProtocolViolation.self) { try Self.read([Array(bytes[..<cut]), Array(bytes[cut...])]) }
    }
  }
}
