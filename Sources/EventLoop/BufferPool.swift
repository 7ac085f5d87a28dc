internal import Glibc

/// Memory for message bodies, kept in free lists by size class.
///
/// A body of 10 MB costs thousands of page faults when its memory is new; reused memory costs none. Blocks are powers
/// of two from 1 KiB; what is idle beyond `idleLimit` bytes goes back to the system. Blocks of 1 MiB and more are mapped
/// each by itself: on the heap, small objects settle where a large block was, and the next one takes new pages.
///
/// Isolation: not `Sendable`; a pool and its buffers belong to one event loop.
public final class BufferPool {
  /// The most bytes that the pool keeps while nobody uses them.
  public let idleLimit: Int
  /// Bytes in the hands of users, counted by block size.
  public var bytesInUse: Int { used }
  /// Bytes kept for the next user.
  public var idleBytes: Int { idle }

  // Private, so that access to these needs no check for exclusivity while the program runs.
  private var used = 0
  private var idle = 0
  /// The idle blocks of each size class; each holds the address of the next one in its first bytes.
  private var free = InlineArray<64, UnsafeMutableRawPointer?>(repeating: nil)
  private static let smallestClass = 10
  private static let smallestMapping = 1 << 20

  /// A pool that keeps at most `idleLimit` bytes for reuse.
  public init(idleLimit: Int = 64 << 20) {
    self.idleLimit = idleLimit
  }

  deinit {
    for sizeClass in free.indices {
      while let block = popBlock(sizeClass) { Self.deallocate(block, size: 1 << sizeClass) }
    }
  }

  /// An empty buffer that holds at least `capacity` bytes.
  public func take(capacity: Int) -> PooledBuffer {
    let sizeClass = Self.sizeClass(for: capacity)
    let size = 1 << sizeClass
    used += size
    guard let block = popBlock(sizeClass) else {
      return PooledBuffer(block: Self.allocate(size), capacity: size, pool: self)
    }
    idle -= size
    return PooledBuffer(block: block, capacity: size, pool: self)
  }

  func give(back block: UnsafeMutableRawPointer, size: Int) {
    used -= size
    guard idle + size <= idleLimit else { return Self.deallocate(block, size: size) }
    idle += size
    let sizeClass = size.trailingZeroBitCount
    block.storeBytes(of: free[sizeClass], as: UnsafeMutableRawPointer?.self)
    free[sizeClass] = block
  }

  private func popBlock(_ sizeClass: Int) -> UnsafeMutableRawPointer? {
    guard let block = free[sizeClass] else { return nil }
    free[sizeClass] = block.load(as: UnsafeMutableRawPointer?.self)
    return block
  }

  private static func allocate(_ size: Int) -> UnsafeMutableRawPointer {
    guard size >= smallestMapping else { return .allocate(byteCount: size, alignment: 16) }
    let block = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let block, block != UnsafeMutableRawPointer(bitPattern: -1) else {
      preconditionFailure("BufferPool.take: no memory for \(size) bytes: \(systemErrorMessage(errno))")
    }
    return block
  }

  private static func deallocate(_ block: UnsafeMutableRawPointer, size: Int) {
    if size >= smallestMapping { munmap(block, size) } else { block.deallocate() }
  }

  private static func sizeClass(for capacity: Int) -> Int {
    precondition(capacity >= 0 && capacity <= 1 << 40, "BufferPool.take: capacity \(capacity) is out of bounds")
    guard capacity > 1 << smallestClass else { return smallestClass }
    return Int.bitWidth - (capacity - 1).leadingZeroBitCount
  }
}
