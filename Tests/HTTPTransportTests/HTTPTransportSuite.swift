import Testing

/// All tests of the target, one after another: they count connections and start servers of their own.
@Suite(.serialized) enum HTTPTransportSuite {}
