import EventLoop

@testable import HTTPTransport

/// What a reader made of the bytes of a connection.
struct Reading: Equatable {
  /// How the reading ended.
  enum End: Equatable {
    /// The answer was complete.
    case complete
    /// The answer was complete when the connection ended.
    case completeAtClose
    /// More bytes were wanted.
    case unfinished
    case refused(ResponseFault)
  }

  var end = End.unfinished
  var status = 0
  var keepsAlive = false
  var head: [UInt8] = []
  var body: [UInt8] = []
  /// Bytes that belong to the answer; with a refusal, those that came before the refused piece are not told.
  var taken = 0

  /// Whether a piece was taken in part although the answer was not complete: a bug.
  var leftBytesBehind = false

  /// Reads `bytes`, cut behind each of the places of `cuts`; `closes` ends the connection behind them.
  init(_ bytes: [UInt8], cuts: [Int] = [], closes: Bool = false, headerLimit: Int = 4096, bodyLimit: Int = 4096) {
    let pool = BufferPool()
    var reader = ResponseReader(pool: pool, headerLimit: headerLimit, bodyLimit: bodyLimit)
    do throws(ResponseFault) {
      var start = 0
      for cut in cuts.filter({ $0 > 0 && $0 < bytes.count }).sorted() + [bytes.count] where !reader.isComplete {
        let count = try Self.take(&reader, bytes[start..<cut])
        leftBytesBehind = leftBytesBehind || (count < cut - start && !reader.isComplete)
        start = cut
      }
      if reader.isComplete { end = .complete } else if closes { end = try Self.close(&reader) }
      taken = reader.bytesTaken
    } catch {
      end = .refused(error)
    }
    (status, keepsAlive) = (reader.status, reader.keepsAlive)
    head = reader.head.map { Array($0.bytes) } ?? []
    body = reader.body.map { Array($0.bytes) } ?? []
  }

  /// Each piece lies in memory of its own, so that a sanitizer sees a byte read behind it.
  private static func take(_ reader: inout ResponseReader, _ piece: ArraySlice<UInt8>) throws(ResponseFault) -> Int {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: piece.count, alignment: 1)
    defer { memory.deallocate() }
    memory.copyBytes(from: piece)
    return try reader.take(UnsafeRawBufferPointer(memory))
  }

  private static func close(_ reader: inout ResponseReader) throws(ResponseFault) -> End {
    try reader.end()
    return .completeAtClose
  }
}
