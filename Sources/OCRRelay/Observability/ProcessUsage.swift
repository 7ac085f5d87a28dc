internal import CLinux
internal import Glibc
internal import Telemetry

/// What the operating system says of this process, under the names that Prometheus clients share.
struct ProcessUsage: Sendable, Equatable {
  var residentBytes = 0
  var cpuSeconds = 0.0
  var startTime = 0.0
  var threads = 0
  var openDescriptors = 0
  var descriptorLimit = 0

  static let families: [MetricFamily<ProcessUsage>] = [
    .gauge("process_resident_memory_bytes", "Memory of the process that is in RAM.", \.residentBytes),
    MetricFamily("process_cpu_seconds_total", .counter, "Processor time used.") {
      [MetricSample(.decimal($0.cpuSeconds))]
    },
    MetricFamily("process_start_time_seconds", .gauge, "Start of the process, in seconds since 1970.") {
      [MetricSample(.decimal($0.startTime))]
    },
    .gauge("process_threads", "Threads of the process.", \.threads),
    .gauge("process_open_fds", "Open file descriptors.", \.openDescriptors),
    .gauge("process_max_fds", "File descriptors that may be open.", \.descriptorLimit),
  ]

  /// Asks the system; nil when `/proc` is not there.
  static func now() -> ProcessUsage? {
    guard let stat = text("/proc/self/stat") else { return nil }
    var usage = ProcessUsage(
      stat: stat, bootTime: bootTime, ticksPerSecond: Double(sysconf(Int32(_SC_CLK_TCK))), pageSize: Int(getpagesize()))
    usage?.openDescriptors = countDescriptors()
    var limit = rlimit()
    if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
      usage?.descriptorLimit = Int(clamping: limit.rlim_cur)
    }
    return usage
  }

  /// Reads a line of `/proc/<pid>/stat`. The name of the program, in brackets, may contain anything.
  init?(stat: String, bootTime: Double, ticksPerSecond: Double, pageSize: Int) {
    guard let end = stat.lastIndex(of: ")") else { return nil }
    let fields = stat[stat.index(after: end)...].split(separator: " ")
    // Numbered from 3 in proc(5): state is the first after the name.
    func field(_ number: Int) -> Int? { fields.count > number - 3 ? Int(fields[number - 3]) : nil }
    guard let user = field(14), let system = field(15), let threads = field(20), let start = field(22),
      let pages = field(24), ticksPerSecond > 0
    else { return nil }
    cpuSeconds = (Double(user) + Double(system)) / ticksPerSecond
    startTime = bootTime + Double(start) / ticksPerSecond
    residentBytes = pages.multipliedReportingOverflow(by: pageSize).partialValue
    self.threads = threads
  }

  /// Read once, so that the start time never seems to change. `/proc/stat` has it too, and is hidden from services.
  private static let bootTime = Double(WallClock.milliseconds() - clock_milliseconds_since_boot()) / 1_000

  private static func text(_ path: String) -> String? {
    (try? WholeFile.read(path, limit: 1 << 20)).map { String(decoding: $0, as: UTF8.self) }
  }

  private static func countDescriptors() -> Int {
    guard let directory = opendir("/proc/self/fd") else { return 0 }
    defer { closedir(directory) }
    var count = 0
    while readdir(directory) != nil { count += 1 }
    // Itself and the two dots do not count.
    return max(count - 3, 0)
  }
}
