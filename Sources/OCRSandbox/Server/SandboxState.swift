import Synchronization

/// Everything that calls share. Each part has its own lock, held for moments only and never two at once.
final class SandboxState: Sendable {
  let identity: Mutex<IdentityStore>
  let accessKeys: Mutex<AccessKeyBook>
  let applications: Mutex<ApplicationBook>
  let faults = Mutex(FaultPlan())
  let gate: Mutex<RateGate?>
  let ledger = Mutex(Ledger())
  let running = Mutex(0)
  let hanging = HangGate()

  init(_ configuration: SandboxConfiguration) {
    identity = Mutex(
      IdentityStore(accounts: configuration.accounts, lifetimeSeconds: configuration.tokenLifetimeSeconds))
    accessKeys = Mutex(AccessKeyBook(configuration.keys.accessKeys))
    applications = Mutex(
      ApplicationBook(configuration.keys.applications, lifetimeSeconds: configuration.tokenLifetimeSeconds))
    gate = Mutex(configuration.limit.map(RateGate.init))
  }
}
