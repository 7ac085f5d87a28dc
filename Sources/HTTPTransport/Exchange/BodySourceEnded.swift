/// A body source gave no more bytes before the length that it had announced.
struct BodySourceEnded: Error {}
