public import EventLoop

/// The bytes of a request.
public enum HTTPBody {
  /// No body: `Content-Length: 0`.
  case none
  /// Bytes that are sent in place. The client keeps the buffer until the call ends; nobody may change it meanwhile.
  case buffer(PooledBuffer)
  /// Bytes that are copied once; meant for small bodies.
  case bytes([UInt8])
  /// Bytes that are produced while they are sent.
  case source(any HTTPBodySource)
}

/// Produces a request body piece by piece, for example while encoding it.
///
/// Isolation: called on the client's loop. It must not block and must not call the client.
public protocol HTTPBodySource: AnyObject {
  /// The exact number of bytes of the whole body.
  var length: Int { get }

  /// Writes the next bytes and returns how many; 0 before `length` bytes were produced fails the call.
  func read(into room: UnsafeMutableRawBufferPointer) -> Int

  /// Goes back to the first byte. Called when a call starts, so that a source can serve a second call.
  func rewind()
}
