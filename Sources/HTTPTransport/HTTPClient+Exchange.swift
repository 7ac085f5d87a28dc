internal import CCurl
internal import EventLoop
internal import Failpoints

/// What a call goes through on its connection. Nothing here ends a call from inside of `start`.
extension HTTPClient {
  // MARK: Connecting

  /// libcurl has made the connection, or given up.
  func connected(_ connection: Connection, _ code: CURLcode) {
    guard code == CURLE_OK else {
      return end(connection, as: HTTPFailure.Kind(code), code: code, connection.detail(code))
    }
    let isOpen = connection.opened(on: reactor) { [unowned self, unowned connection] events in
      ready(connection, events)
    }
    guard isOpen else { return end(connection, as: .resourceExhausted, "no connection can be watched any more") }
    beginToSend(connection)
  }

  func beginToSend(_ connection: Connection) {
    guard let exchange = connection.exchange else { return }
    exchange.speed = SpeedWatch(configuration, start: reactor.now)
    connection.watchdog?.arm(at: exchange.nextLook)
    Failpoint.pass(.callSent)
    send(connection)
  }

  /// Bytes can be read or written.
  private func ready(_ connection: Connection, _ events: IOEvents) {
    guard connection.exchange != nil else {
      connections?.idleSpoke(connection)
      return
    }
    if events.contains(.peerEnded) { connection.serverHasEnded = true }
    if events.contains(.writable) { send(connection) }
    // A reset connection may still hold an answer: hang-up and error count as readable, and reading tells the error.
    if !events.isDisjoint(with: [.readable, .hangUp, .error]) { receive(connection) }
  }

  // MARK: Sending

  /// Sends as much as the connection takes now.
  private func send(_ connection: Connection) {
    guard let exchange = connection.exchange, !exchange.isSendingBroken else { return }
    do throws(BodySourceEnded) {
      while let piece = try exchange.request.nextPiece() {
        guard let count = sendSome(piece, connection) else { return }
        exchange.request.took(count)
        if count < piece.count { return watchWriting(true, connection) }
      }
      watchWriting(false, connection)
    } catch {
      connection.failSoon(.bodySourceFailed, "the body ended before its announced length")
    }
  }

  /// Nil when the connection is broken: what the server said before is read then, if it said anything.
  private func sendSome(_ piece: UnsafeRawBufferPointer, _ connection: Connection) -> Int? {
    do throws(ConnectionFailure) {
      return try connection.send(piece)
    } catch {
      connection.exchange?.isSendingBroken = true
      connection.watchdog?.arm(after: .zero)
      return nil
    }
  }

  private func watchWriting(_ isWanted: Bool, _ connection: Connection) {
    guard !connection.watchWriting(isWanted, on: reactor) else { return }
    connection.failSoon(.resourceExhausted, "the connection cannot be watched any more")
  }

  // MARK: Receiving

  /// Receives what is there.
  private func receive(_ connection: Connection) {
    guard let scratch = connections?.scratch else { return }
    let isSecure = connection.exchange?.call.request.target.isSecure ?? true
    do throws(ConnectionFailure) {
      while connection.exchange != nil, let count = try connection.receive(into: scratch) {
        guard count > 0 else { return ended(connection) }
        guard read(UnsafeRawBufferPointer(rebasing: scratch[..<count]), connection) else { return }
        // TLS may hold bytes that the loop does not see; anything else is told again when there is more.
        if !isSecure, count < scratch.count { return }
      }
    } catch {
      lost(connection, error)
    }
  }

  /// Returns whether the call goes on.
  private func read(_ bytes: UnsafeRawBufferPointer, _ connection: Connection) -> Bool {
    guard let exchange = connection.exchange else { return false }
    do throws(ResponseFault) {
      let taken = try exchange.answer.take(bytes)
      guard exchange.answer.isComplete else { return true }
      // What follows an answer, although nothing was asked, is not believed. An end may have come with the answer.
      let isUsable = exchange.leavesConnectionUsable && taken == bytes.count && !connection.serverHasEnded
      answered(connection, leavesConnectionUsable: isUsable)
    } catch {
      end(connection, as: error.kind, error.detail)
    }
    return false
  }

  /// The server has ended the connection.
  private func ended(_ connection: Connection) {
    // TCP tells of a reset once: when a write has heard of it, it looks like an end to whoever reads.
    if let exchange = connection.exchange, exchange.isSendingBroken, !exchange.call.request.target.isSecure {
      return lost(connection, ConnectionFailure(code: CURLE_SEND_ERROR, detail: "the connection was reset"))
    }
    do throws(ResponseFault) {
      try connection.exchange?.answer.end()
      answered(connection, leavesConnectionUsable: false)
    } catch {
      lost(connection, ConnectionFailure(code: CURLE_OK, detail: error.detail))
    }
  }

  // MARK: Losing and looking

  /// A kept-alive connection may die just when a request goes out: whether the server has seen it, nobody knows. What
  /// was not sent at all, or may be asked twice, is sent again.
  private func lost(_ connection: Connection, _ failure: ConnectionFailure) {
    guard let exchange = connection.exchange else { return }
    guard connection.hasServed, exchange.answer.bytesTaken == 0 else {
      return end(connection, as: .connectionLost, code: failure.code, failure.detail)
    }
    if exchange.request.sent == 0 || exchange.call.request.method == .get { return repeatCall(of: connection) }
    end(connection, as: .repeatRefused, code: failure.code, failure.detail)
  }

  /// The time has come to look at a call: its own, or at once because something went wrong where it could not be ended.
  func look(after connection: Connection) {
    guard let exchange = connection.exchange else { return }
    if let failure = exchange.failsSoon { return end(connection, failure) }
    if exchange.isSendingBroken { receive(connection) }
    // It may have ended with what was received.
    guard connection.exchange === exchange else { return }
    guard reactor.now < exchange.call.deadline else {
      let kind: HTTPFailure.Kind = connection.phase == .connecting ? .connectTimedOut : .timedOut
      return end(connection, as: kind, "the call did not end in time")
    }
    let bytes = exchange.request.sent + exchange.answer.bytesTaken
    if exchange.speed?.isTooSlow(bytes: bytes, now: reactor.now) == true {
      return end(connection, as: .timedOut, "the transfer was too slow for too long")
    }
    connection.watchdog?.arm(at: exchange.nextLook)
  }
}
