/// Where in a chunked body (RFC 9112, 7.1) the next byte belongs. Pure.
struct ChunkedBody {
  /// What the next bytes are.
  private(set) var state = State.size(0, digits: 0)

  /// What the next bytes are.
  enum State: Equatable {
    /// Hexadecimal digits, of which so many were read.
    case size(Int, digits: Int)
    /// An extension behind the size, of which so many bytes were read.
    case sizeEnd(Int, length: Int)
    /// The line feed at the end of the line with the size.
    case sizeReturn(Int)
    /// Bytes of the body.
    case data(Int)
    /// The line break behind a chunk; `return` when only a line feed may follow.
    case dataEnd(afterReturn: Bool)
    /// Lines after the last chunk, up to an empty one.
    case trailers(Line)
    case complete
  }

  /// What was read of a line after the last chunk.
  enum Line: Equatable {
    case empty
    /// A carriage return and nothing else.
    case emptyReturn
    case text
  }

  /// Extensions of a chunk, which nobody uses, end here.
  private static let longestExtension = 4096

  /// Takes one byte that is not part of the body.
  mutating func take(_ byte: UInt8) throws(ResponseFault) {
    switch state {
    case .size(let size, let digits):
      state = try Self.afterSize(size, digits, byte)
    case .sizeEnd(let size, let length):
      guard length < Self.longestExtension else { throw .malformed("the line with the size of a chunk is too long") }
      state = Self.afterExtension(size, length, byte)
    case .sizeReturn(let size):
      guard byte == 0x0A else { throw .malformed("the line with the size of a chunk has a stray return") }
      state = Self.chunk(of: size)
    case .dataEnd(let afterReturn):
      guard byte == 0x0A || (byte == 0x0D && !afterReturn) else { throw .malformed("a chunk is longer than its size") }
      state = byte == 0x0A ? .size(0, digits: 0) : .dataEnd(afterReturn: true)
    case .trailers(let line):
      state = try Self.afterTrailer(line, byte)
    case .data, .complete:
      preconditionFailure("ChunkedBody.take in \(state): byte \(byte)")
    }
  }

  /// Notes that `count` bytes of the current chunk were read.
  mutating func tookData(_ count: Int) {
    guard case .data(let left) = state else { preconditionFailure("ChunkedBody.tookData in \(state)") }
    state = left == count ? .dataEnd(afterReturn: false) : .data(left - count)
  }

  private static func afterSize(_ size: Int, _ digits: Int, _ byte: UInt8) throws(ResponseFault) -> State {
    if let digit = hexadecimal(byte) {
      // Fifteen digits are more than any limit and less than an overflow.
      guard digits < 15 else { throw .malformed("the size of a chunk has too many digits") }
      return .size(size << 4 | digit, digits: digits + 1)
    }
    guard digits > 0 else { throw .malformed("the size of a chunk is not a number") }
    switch byte {
    case 0x0A: return chunk(of: size)
    case 0x0D: return .sizeReturn(size)
    case 0x3B, 0x20, 0x09: return .sizeEnd(size, length: 0)
    default: throw .malformed("the size of a chunk is not a number")
    }
  }

  private static func afterExtension(_ size: Int, _ length: Int, _ byte: UInt8) -> State {
    switch byte {
    case 0x0A: chunk(of: size)
    case 0x0D: .sizeReturn(size)
    default: .sizeEnd(size, length: length + 1)
    }
  }

  private static func afterTrailer(_ line: Line, _ byte: UInt8) throws(ResponseFault) -> State {
    switch (line, byte) {
    case (.text, 0x0A): return .trailers(.empty)
    case (.text, _): return .trailers(.text)
    case (.empty, 0x0A), (.emptyReturn, 0x0A): return .complete
    case (.empty, 0x0D): return .trailers(.emptyReturn)
    case (.empty, _): return .trailers(.text)
    case (.emptyReturn, _): throw .malformed("a stray return behind the last chunk")
    }
  }

  private static func chunk(of size: Int) -> State {
    size == 0 ? .trailers(.empty) : .data(size)
  }

  private static func hexadecimal(_ byte: UInt8) -> Int? {
    switch byte {
    case 0x30...0x39: Int(byte) - 0x30
    case 0x41...0x46: Int(byte) - 0x41 + 10
    case 0x61...0x66: Int(byte) - 0x61 + 10
    default: nil
    }
  }
}
