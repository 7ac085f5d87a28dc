internal import AMQP

/// Sends a topology's requests over an open link, all at once; the broker works through them in order.
enum TopologyInstaller {
  /// Declares or checks everything; `completion` is called once, with the first failure if there is one.
  static func run(
    _ requests: [BrokerRequest], on link: Link, _ completion: @escaping (Result<Void, ConnectionFailure>) -> Void
  ) {
    guard !requests.isEmpty else { return completion(.success(())) }
    var remaining = requests.count
    var isOver = false
    for request in requests {
      link.request(request) { result in
        remaining -= 1
        guard !isOver else { return }
        if case .failure(let failure) = result {
          isOver = true
          completion(.failure(failure))
        } else if remaining == 0 {
          isOver = true
          completion(.success(()))
        }
      }
    }
  }
}
