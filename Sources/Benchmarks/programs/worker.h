// The parts of floor-worker: the least that a worker between a queue and an HTTP service can do.
#ifndef WORKER_H
#define WORKER_H

#include <curl/curl.h>
#include <stdbool.h>

#include "bench.h"

/// One request in work. It is used again and again, with its HTTP handle and its buffers.
struct message {
  struct message *next;
  uint64_t delivery_tag;
  char *body;
  size_t body_size, body_received, body_capacity;
  struct buffer answer;
  uint8_t reply_to_length, correlation_id_length;
  char reply_to[255], correlation_id[255];
  CURL *call;
};

/// What the command line says.
struct settings {
  const char *amqp_url, *queue, *ocr_url;
  long prefetch, connections, in_work_bytes, token_bytes;
};
extern struct settings settings;

// worker.c
struct message *take_message(void);
void return_message(struct message *message);
/// A buffer of at least that size; the last one returned comes first, so that its pages are warm.
char *take_body(size_t size, size_t *capacity);
void return_body(char *body, size_t capacity);
void watch(int descriptor, uint32_t events, bool is_new);
void message_arrived(struct message *message);
void message_answered(struct message *message);
/// The reply is safe: the request may be acknowledged.
void message_finished(struct message *message);

// worker_broker.c
/// Connects and starts to consume; returns the socket.
int open_broker(void);
void read_broker(void);
void pause_broker(bool is_paused);
void cancel_consumer(void);
/// Whether the broker sends no more requests.
bool is_consumer_cancelled(void);
/// Says goodbye: a broker that merely loses the connection forgets acknowledgements that it has not looked at yet.
void close_broker(void);
void publish_answer(struct message *message);
void acknowledge(struct message *message);
/// Writes the acknowledgements that are due and everything else in as few calls as possible.
void flush_broker(void);

// worker_calls.c
void open_calls(void);
CURL *make_call(struct message *message);
void start_call(struct message *message);
void calls_ready(int socket, uint32_t events);
/// Runs what is due, and returns milliseconds until the next time, or -1.
int run_calls(void);

#endif
