import Testing

@testable import RedisStore

@Suite struct RedisFailureTests {
  @Test(arguments: [
    ("WRONGPASS invalid username-password pair or user is disabled.", RedisFailure.Kind.wrongPassword),
    ("NOAUTH Authentication required.", .wrongPassword), ("ERR invalid password", .wrongPassword),
    ("ERR AUTH <password> called without any password configured for the default user.", .wrongPassword),
    ("ERR Client sent AUTH, but no password is set", .wrongPassword),
    ("NOPERM this user has no permissions to run the 'get' command", .forbidden),
    ("LOADING Redis is loading the dataset in memory", .loading),
    ("READONLY You can't write against a read only replica.", .readOnly),
    ("ERR Error running script: @user_script:1: -READONLY You can't write against a read only replica.", .readOnly),
    ("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", .noPrimary),
    ("OOM command not allowed when used memory > 'maxmemory'.", .outOfMemory),
    ("MISCONF Redis is configured to save RDB snapshots", .cannotSave), ("BUSY Redis is busy running a script.", .busy),
    ("ERR max number of clients reached", .tooManyClients), ("MOVED 3999 127.0.0.1:6381", .cluster),
    ("ERR DB index is out of range", .unknownDatabase), ("WRONGTYPE Operation against a key", .refused),
    ("NOSCRIPT No matching script. Please use EVAL.", .refused), ("", .refused), ("ERR", .refused),
  ])
  func errorRepliesHaveKinds(_ text: String, _ kind: RedisFailure.Kind) {
    #expect(RedisFailure(errorReply: text).kind == kind)
  }

  @Test func argumentsAndControlCharactersStayOutOfTheText() {
    let quoted = RedisFailure(errorReply: "ERR unknown command 'AUTH', with args beginning with: 'hidden'")
    #expect(quoted.detail == "ERR unknown command")
    #expect(RedisFailure(errorReply: "ERR `hidden`").detail == "ERR")
    #expect(RedisFailure(errorReply: "ERR a\u{1B}[31m\nb").detail == "ERR a?[31m?b")
    #expect(RedisFailure(errorReply: "ERR " + String(repeating: "é", count: 5000)).detail.utf8.count == 160)
  }
}
