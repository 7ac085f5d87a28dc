import OCRContract
import RelayCore
import Testing

struct RetryPolicyTests {
  @Test(
    arguments: [
      (1, .twoSeconds), (2, .tenSeconds), (3, .oneMinute), (4, .tenMinutes), (5, nil), (6, nil), (0, .twoSeconds),
      (-1, .twoSeconds),
    ] as [(Int, RetryLevel?)])
  func waitsGrowWithEachAttempt(_ attempts: Int, _ level: RetryLevel?) {
    #expect(RetryPolicy().pause(after: attempts, SampleFailure.make(.backoff))?.level == level)
  }

  @Test(
    arguments: [
      (1, 1, .tenSeconds), (1, 2, .oneMinute), (1, 3, .tenMinutes), (1, 99, .tenMinutes), (2, 1, .oneMinute),
      (4, 1, .tenMinutes), (1, -1, .twoSeconds), (1, .max, .tenMinutes),
    ] as [(Int, Int, RetryLevel)])
  func aPauseMayBeLonger(_ attempts: Int, _ later: Int, _ level: RetryLevel) {
    #expect(RetryPolicy().pause(after: attempts, SampleFailure.make(.backoff), later: later)?.level == level)
    guard attempts == 1 else { return }
    let throttled = SampleFailure.make(.backoffWithRateCut)
    #expect(RetryPolicy().pauseWithoutAttempt(throttled, later: later).level == level)
  }

  @Test func aDemandOutweighsALongerPause() {
    let failure = SampleFailure.make(.backoff, minimumWait: .seconds(3_600))
    #expect(RetryPolicy().pause(after: 1, failure, later: 1)?.level == .oneHour)
    #expect(
      RetryPolicy().pauseWithoutAttempt(SampleFailure.make(.backoffWithRateCut, retryAfter: .seconds(1)), later: 2)
        .level == .twoSeconds)
  }

  @Test func manyAttemptsStayAtTenMinutes() {
    let policy = RetryPolicy(maximumAttempts: 100)
    #expect(policy.pause(after: 99, SampleFailure.make(.backoff))?.level == .tenMinutes)
    #expect(policy.pause(after: .max, SampleFailure.make(.backoff)) == nil)
  }

  @Test(arguments: [(1, true), (2, false), (3, false)])
  func theFailureMayAllowLess(_ attempts: Int, _ isRetried: Bool) {
    let pause = RetryPolicy().pause(after: attempts, SampleFailure.make(.backoff, maxAttempts: 2))
    #expect((pause != nil) == isRetried)
  }

  @Test func theFailureCannotAllowMore() {
    #expect(RetryPolicy(maximumAttempts: 2).pause(after: 2, SampleFailure.make(.backoff, maxAttempts: 9)) == nil)
  }

  @Test func nothingIsRetriedWhereRetriesAreSwitchedOff() {
    #expect(RetryPolicy(isEnabled: false).pause(after: 1, SampleFailure.make(.backoff)) == nil)
  }

  @Test(
    arguments: [
      (nil, .twoSeconds, nil), (0, .twoSeconds, nil), (2, .twoSeconds, nil), (3, .tenSeconds, nil),
      (61, .tenMinutes, nil), (3_600, .oneHour, nil), (3_601, .oneHour, 3_601), (7_200, .oneHour, 7_200),
      (86_400, .oneHour, 86_400),
    ] as [(Int?, RetryLevel, Int?)])
  func aDemandedWaitIsKept(_ seconds: Int?, _ level: RetryLevel, _ rest: Int?) {
    let wait = seconds.map { Duration.seconds($0) }
    let byMinimum = SampleFailure.make(.backoff, minimumWait: wait)
    let byHeader = SampleFailure.make(.backoffWithRateCut, retryAfter: wait)
    for pause in [
      RetryPolicy().pause(after: 1, byMinimum), RetryPolicy().pause(after: 1, byHeader),
      RetryPolicy().pauseWithoutAttempt(byMinimum), RetryPolicy().pauseWithoutAttempt(byHeader),
    ] {
      #expect(pause?.level == level)
      #expect(pause?.atLeast == rest.map { .seconds($0) })
    }
  }

  @Test func theLongerOfTwoDemandsCounts() {
    let failure = SampleFailure.make(.backoffWithRateCut, minimumWait: .seconds(60), retryAfter: .seconds(1))
    #expect(RetryPolicy().pauseWithoutAttempt(failure).level == .oneMinute)
  }

  @Test func aDemandNeverShortensTheRegularWait() {
    let failure = SampleFailure.make(.backoff, minimumWait: .seconds(1))
    #expect(RetryPolicy().pause(after: 3, failure)?.level == .oneMinute)
  }

  @Test(arguments: [1, 3_599, 3_600, 3_601, 100_000])
  func aPauseNeverEndsEarly(_ seconds: Int) {
    let pause = RetryPause(covering: .seconds(seconds))
    #expect(max(pause.level.delay, pause.atLeast ?? .zero) >= .seconds(seconds))
  }
}
