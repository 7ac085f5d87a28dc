/// Whether the machine gives what the configuration may ask for. Pure.
enum MachineReview {
  private static let area = "machine"
  /// Descriptors of a loop besides those of calls: both connections, the loop, the port, log and some room.
  private static let spareDescriptors = 64
  /// Memory besides bodies: program, connections, results.
  private static let spareMemory = 64 << 20

  static func findings(_ configuration: RelayConfiguration, _ limits: MachineLimits) -> [Finding] {
    [descriptors(configuration, limits), memory(configuration, limits), clock(limits)]
  }

  private static func descriptors(_ configuration: RelayConfiguration, _ limits: MachineLimits) -> Finding {
    let needed = (configuration.backend.maximumConnections + spareDescriptors) * configuration.process.loops
    guard let limit = limits.descriptors else { return Finding(area, "open files", .skip, "the limit is unknown") }
    guard limit < needed else { return Finding(area, "open files", .ok, "\(limit) allowed, at most \(needed) needed") }
    return Finding(
      area, "open files", .fail, "\(limit) allowed, \(needed) may be needed",
      advice: "raise LimitNOFILE (systemd) or ulimit -n, or lower backend.max_connections or process.loops")
  }

  private static func memory(_ configuration: RelayConfiguration, _ limits: MachineLimits) -> Finding {
    // The bound stops reading; what was under way then still arrives, and results come on top.
    let late = configuration.limits.bodyBytes * configuration.process.loops
    let needed = configuration.limits.bytesInWork + late + spareMemory
    guard let limit = limits.memory else { return Finding(area, "memory", .ok, "no limit of its own") }
    guard limit < needed else {
      return Finding(area, "memory", .ok, "\(limit >> 20) MiB allowed, about \(needed >> 20) MiB at most")
    }
    return Finding(
      area, "memory", .warn, "\(limit >> 20) MiB allowed, up to \(needed >> 20) MiB may be needed",
      advice: "raise the limit, or lower limits.bytes_in_work or amqp.prefetch")
  }

  private static func clock(_ limits: MachineLimits) -> Finding {
    limits.isClockPlausible
      ? Finding(area, "clock", .ok, "plausible")
      : Finding(area, "clock", .fail, "far in the past", advice: "set the clock of this machine, for example by NTP")
  }
}
