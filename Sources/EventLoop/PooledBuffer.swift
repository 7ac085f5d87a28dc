/// A block of memory of a ``BufferPool`` that grows on demand and returns to its pool with its last reference.
///
/// Isolation: not `Sendable`; it belongs to the loop of its pool. The pointers handed out live as long as the buffer
/// and until it grows; they are for the transports, which fill and send bodies in place.
public final class PooledBuffer {
  // Private and never passed `inout`: access to these needs no check for exclusivity while the program runs.
  private var used = 0
  private var block: UnsafeMutableRawPointer
  private var sizeClass: Int
  private let pool: BufferPool

  init(block: UnsafeMutableRawPointer, sizeClass: Int, pool: BufferPool) {
    self.block = block
    self.sizeClass = sizeClass
    self.pool = pool
  }

  deinit {
    pool.give(back: block, sizeClass: sizeClass)
  }

  /// The bytes in use, from the start of the block.
  public var count: Int { used }

  /// The size of the block in bytes.
  public var capacity: Int { 1 << sizeClass }

  /// The bytes in use.
  public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: block, count: used) }

  /// The room behind the bytes in use. Call `commit(_:)` after writing into it.
  public var room: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: block + used, count: capacity - used)
  }

  /// Counts `written` bytes of the room as used.
  public func commit(_ written: Int) {
    precondition(written >= 0 && written <= capacity - used, "PooledBuffer.commit: more bytes than there was room for")
    used += written
  }

  /// Copies bytes behind those in use, growing the block when needed.
  public func append(_ source: UnsafeRawBufferPointer) {
    guard let base = source.baseAddress, !source.isEmpty else { return }
    reserve(source.count)
    (block + used).copyMemory(from: base, byteCount: source.count)
    used += source.count
  }

  /// Makes room for `additional` bytes; moves the block when it is too small.
  public func reserve(_ additional: Int) {
    guard additional > capacity - used else { return }
    let larger = pool.take(capacity: used + additional)
    larger.block.copyMemory(from: block, byteCount: used)
    let (outgrown, outgrownClass) = (block, sizeClass)
    (block, sizeClass) = (larger.block, larger.sizeClass)
    (larger.block, larger.sizeClass) = (outgrown, outgrownClass)
  }

  /// Replaces bytes in use, for a length field that is known only after what it counts.
  public func overwrite<Number: FixedWidthInteger>(at offset: Int, with number: Number) {
    precondition(
      offset >= 0 && offset + MemoryLayout<Number>.size <= used, "PooledBuffer.overwrite: outside of the bytes")
    block.storeBytes(of: number, toByteOffset: offset, as: Number.self)
  }

  /// Forgets the bytes, keeps the block.
  public func removeAll() {
    used = 0
  }
}
