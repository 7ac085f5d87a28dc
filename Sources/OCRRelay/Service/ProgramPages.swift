internal import CLinux

/// The pages of code and constants of this program and its libraries that are in memory.
///
/// The kernel brings such a page, and its neighbours, into memory when it is first used, and leaves it there. Linking
/// more than a dozen libraries, reading the configuration and the first login use many that a running service never
/// comes back to; they would count as its memory for months.
public enum ProgramPages {
  /// Lets go of all of them. Those still needed come back one by one from the file, which the system caches, at about
  /// a microsecond each; nothing is lost, as no page that was ever written to is among them.
  public static func release() {
    release_constant_pages_of_program()
  }
}
