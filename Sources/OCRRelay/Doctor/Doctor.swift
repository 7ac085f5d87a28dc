internal import AMQP
public import EventLoop
internal import HTTPTransport
internal import HuaweiCloud
internal import OCRContract
internal import RelayCore

/// Looks at everything that the relay needs, and says what is wrong and what to do about it.
///
/// It changes nothing: no exchange or queue is created, no request is taken for good, no call is paid. A key of its own
/// in Redis is gone after a second.
public actor Doctor {
  /// The loop that it works on.
  public nonisolated let loop: EventLoop
  /// The loop, as the actor's executor.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  let configuration: RelayConfiguration
  private let origins: [String: ConfigurationProblem.Place]
  /// Address of the broker's management API; nil means its usual port.
  let managementAddress: String?

  /// A doctor for a configuration that passed its checks. `managementAddress` is an `http` or `https` address; without it
  /// the management API is looked for at the usual port of the broker's host.
  public init(loop: EventLoop, configuration: LoadedConfiguration, managementAddress: String? = nil) {
    self.loop = loop
    self.managementAddress = managementAddress
    self.configuration = configuration.configuration
    origins = configuration.origins
  }

  /// Looks at everything.
  public func examine() async -> DoctorReport {
    var report = DoctorReport(ConfigurationReview.findings(configuration, origins: origins))
    report.add(MachineReview.findings(configuration, MachineLimits.now()))
    report.add(await broker())
    report.add(await services())
    report.add(await redis())
    return report
  }

  /// Compares the topology of the broker with the relay's; creates nothing.
  public func examineTopology() async -> DoctorReport {
    do throws(RelayStartError) {
      let visit = try visit()
      let inspections = await TopologyInspector.inspect(configuration.topology, visit)
      await visit.close()
      return DoctorReport(inspections.map(\.finding))
    } catch {
      return DoctorReport([Finding("broker", "address", .fail, error.description)])
    }
  }

  /// Creates the exchanges and queues that are missing; nil when all are there, else what went wrong.
  public func applyTopology() async -> String? {
    do throws(RelayStartError) {
      let visit = try visit()
      for request in configuration.topology.declarations {
        guard case .failure(let failure) = await visit.ask(request) else { continue }
        await visit.close()
        return "\(failure); \(BrokerAdvice.text(for: failure))"
      }
      await visit.close()
      return nil
    } catch {
      return error.description
    }
  }

  func visit() throws(RelayStartError) -> BrokerVisit {
    var options = configuration.connectionOptions(for: "doctor")
    options.reconnectDelay = .seconds(600)...(.seconds(600))
    return BrokerVisit(endpoints: try configuration.brokerEndpoints(), options: options, reactor: loop.reactor)
  }
}

extension RelayConfiguration {
  /// The exchanges and queues of a relay with this configuration.
  var topology: Topology {
    Topology(
      workQueue: amqp.queue, otherWorkQueues: amqp.weightedQueues.dropFirst().map(\.name),
      overflowQueue: amqp.overflowQueue, resultsExchange: replies.resultsExchange, apiNames: HuaweiCatalogue.ocr.names)
  }
}
