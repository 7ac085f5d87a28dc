import Foundation

/// Holds a thread of a server until a test lets it go on; each opening lets one wait pass.
final class Gate: Sendable {
  private let semaphore = DispatchSemaphore(value: 0)

  func open() { semaphore.signal() }

  func wait() { semaphore.wait() }
}
