/// What a new connection sends before it is used.
enum LoginCommands {
  struct Step {
    let command: RedisCommand
    /// Whether the connection is of no use when this is refused.
    let isNeeded: Bool

    /// Whether a failure of this step ends the connection.
    func isFatal(_ failure: RedisFailure.Kind) -> Bool {
      isNeeded || (failure.concernsEveryCommand && failure != .forbidden)
    }
  }

  /// Password, database and name, in this order; one step at least.
  static func make(_ endpoint: RedisEndpoint, clientName: String) -> [Step] {
    var steps: [Step] = []
    if let password = endpoint.password {
      let login: [RedisArgument] = (endpoint.user.map { [.text($0)] } ?? []) + [.text(password)]
      steps.append(Step(command: RedisCommand(["AUTH"] + login), isNeeded: true))
    }
    if endpoint.database != 0 {
      steps.append(Step(command: ["SELECT", .integer(Int64(endpoint.database))], isNeeded: true))
    }
    // For people who look at the server's list of clients; a user may lack the right to it.
    steps.append(Step(command: ["CLIENT", "SETNAME", .text(clientName)], isNeeded: false))
    return steps
  }
}
