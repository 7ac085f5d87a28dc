internal import Glibc
internal import RelaySimulator

// `relay-simulator`: runs of relays, broker and OCR service around the relay's core, drawn from seeds.
private let usage = """
  usage: relay-simulator [--seeds COUNT] [--from SEED] [--plant BUG]
         relay-simulator --seed SEED [--trace] [--plant BUG]

  Runs COUNT seeds (100000 unless given) from SEED on and stops at the first broken promise, or runs one seed.
  Bugs that can be planted: \(PlantedBug.allCases.map(\.rawValue).joined(separator: ", "))
  Exit status: 0 all promises kept, 1 one broken, 2 wrong arguments.
  """

private func run() -> Int32 {
  guard let arguments = Arguments(CommandLine.arguments.dropFirst()) else {
    print(usage)
    return 2
  }
  let simulator = Simulator(plant: arguments.plant)
  let result =
    if let seed = arguments.seed {
      simulator.run(seed: seed, isTracing: arguments.isTracing)
    } else {
      runMany(simulator, arguments)
    }
  for line in result.trace { print(line) }
  print(Report(result.counts).text)
  guard let violation = result.violation else { return 0 }
  print("VIOLATION \(violation)")
  print("replay with: relay-simulator --seed \(violation.seed) --trace\(arguments.plantText)")
  return 1
}

private func runMany(_ simulator: Simulator, _ arguments: Arguments) -> Simulator.Result {
  let clock = ContinuousClock()
  let start = clock.now
  let result = simulator.run(seeds: arguments.from..<arguments.from + arguments.count)
  let time = start.duration(to: clock.now)
  print("seeds \(arguments.from) to \(arguments.from + arguments.count - 1): \(time)")
  return result
}

exit(run())
