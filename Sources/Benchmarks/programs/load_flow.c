// Filling a queue, and emptying the queue of replies.

#include <stdio.h>
#include <stdlib.h>

#include "load.h"

/// Which publishes are confirmed, and how many; confirms come alone or for all up to one, in any order.
struct confirms {
  bool *seen;
  long first_open, count;
};

static void confirm(struct confirms *confirms, long tag, bool is_multiple) {
  for (long at = is_multiple ? confirms->first_open : tag; at <= tag; at++) {
    confirms->count += !confirms->seen[at];
    confirms->seen[at] = true;
  }
  while (confirms->first_open <= options.count && confirms->seen[confirms->first_open]) confirms->first_open++;
}

static void await_confirms(amqp_connection_state_t broker, struct confirms *confirms, long wanted) {
  while (confirms->count < wanted) {
    amqp_frame_t frame;
    struct timeval patience = {options.timeout_seconds, 0};
    amqp_maybe_release_buffers(broker);
    if (amqp_simple_wait_frame_noblock(broker, &frame, &patience) != AMQP_STATUS_OK) fail("no confirm from the broker");
    if (frame.frame_type != AMQP_FRAME_METHOD) continue;
    if (frame.payload.method.id != AMQP_BASIC_ACK_METHOD) fail("a request was not confirmed");
    amqp_basic_ack_t *ack = frame.payload.method.decoded;
    confirm(confirms, ack->delivery_tag, ack->multiple);
  }
}

void fill(void) {
  struct buffer body = {0};
  make_body(&body, options.is_binary);
  amqp_connection_state_t broker = dial();
  amqp_confirm_select(broker, 1);
  check(broker, "confirm");
  struct confirms confirms = {.seen = calloc(options.count + 1, sizeof(bool)), .first_open = 1};
  long window = (32 << 20) / (long)body.count;
  window = window < 4 ? 4 : window > 1000 ? 1000 : window;
  for (long index = 0; index < options.count; index++) {
    publish(broker, &body, index);
    if (index + 1 - confirms.count >= window) await_confirms(broker, &confirms, index + 1 - window / 2);
  }
  await_confirms(broker, &confirms, options.count);
  printf("filled count=%ld bytes=%zu\n", options.count, body.count);
  amqp_connection_close(broker, AMQP_REPLY_SUCCESS);
}

static void tell(const char *what) {
  printf("%s %lld\n", what, (long long)now_nanoseconds());
  fflush(stdout);
}

void collect(void) {
  bool *seen = calloc(options.count, sizeof *seen);
  long received = 0, repeated = 0, wrong = 0, foreign = 0;
  amqp_connection_state_t broker = dial();
  start_consuming(broker);
  tell("ready");
  int64_t end = now_nanoseconds() + options.timeout_seconds * 1000000000;
  while (received < options.count && now_nanoseconds() < end) {
    bool is_right;
    long index = next_reply(broker, 1, &is_right);
    if (index == -1) continue;
    if (index < 0) {
      foreign++;
    } else if (seen[index]) {
      repeated++;
    } else {
      seen[index] = true;
      wrong += !is_right;
      if (++received == 1) tell("first");
      if (received == options.warm) tell("warm");
    }
  }
  tell("last");
  printf("received=%ld repeated=%ld wrong=%ld foreign=%ld\n", received, repeated, wrong, foreign);
  amqp_connection_close(broker, AMQP_REPLY_SUCCESS);
}
