// The parts of bench-load.
#ifndef LOAD_H
#define LOAD_H

#include <amqp.h>
#include <amqp_framing.h>
#include <stdbool.h>

#include "bench.h"

/// What the command line says; units are in the names.
struct options {
  const char *url, *queue, *replies, *run, *ocr_url;
  bool is_binary, is_quorum;
  long count, size_bytes, warm, rate_per_second, timeout_seconds;
};
extern struct options options;

// load.c's commands.
void declare_queue(void);
void purge_queue(void);
void print_depth(void);
void fill(void);
void collect(void);
void measure_latency(void);
void measure_direct(void);

// load_broker.c
amqp_connection_state_t dial(void);
/// Ends the program when the last call to the broker failed.
void check(amqp_connection_state_t broker, const char *what);
void publish(amqp_connection_state_t broker, struct buffer *body, long index);
void start_consuming(amqp_connection_state_t broker);
/// The index of the next reply and whether its body is right; -1 after `seconds` without one, -2 for a foreign one.
long next_reply(amqp_connection_state_t broker, int seconds, bool *is_right);

// load_body.c
/// A request's body of the size and kind in the options; `mark_body` writes the marker of one request into its end.
void make_body(struct buffer *body, bool is_binary);
void mark_body(struct buffer *body, bool is_binary, long index);
/// The marker of a request, with a zero at its end.
void write_marker(char marker[MARKER_LENGTH + 1], long index);


#endif
