// Queues, requests and replies, over librabbitmq's blocking calls.
#define _GNU_SOURCE

#include <amqp_tcp_socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "load.h"

void check(amqp_connection_state_t broker, const char *what) {
  amqp_rpc_reply_t reply = amqp_get_rpc_reply(broker);
  if (reply.reply_type != AMQP_RESPONSE_NORMAL) fail("the broker refused to %s", what);
}

amqp_connection_state_t dial(void) {
  struct amqp_connection_info address;
  char *url = strdup(options.url);
  if (amqp_parse_url(url, &address) != AMQP_STATUS_OK) fail("not an address of a broker: %s", options.url);
  amqp_connection_state_t broker = amqp_new_connection();
  amqp_socket_t *socket = amqp_tcp_socket_new(broker);
  if (!socket || amqp_socket_open(socket, address.host, address.port) != AMQP_STATUS_OK) fail("cannot reach the broker");
  amqp_rpc_reply_t login =
    amqp_login(broker, address.vhost, 1, 131072, 0, AMQP_SASL_METHOD_PLAIN, address.user, address.password);
  if (login.reply_type != AMQP_RESPONSE_NORMAL) fail("cannot log in to the broker");
  setsockopt(amqp_get_sockfd(broker), IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  amqp_channel_open(broker, 1);
  check(broker, "open a channel");
  free(url);
  return broker;
}

void declare_queue(void) {
  amqp_connection_state_t broker = dial();
  amqp_queue_delete(broker, 1, amqp_cstring_bytes(options.queue), 0, 0);
  check(broker, "delete the queue");
  amqp_table_entry_t quorum = {
    .key = amqp_cstring_bytes("x-queue-type"),
    .value = {.kind = AMQP_FIELD_KIND_UTF8, .value.bytes = amqp_cstring_bytes("quorum")}};
  amqp_table_t arguments = {.num_entries = options.is_quorum ? 1 : 0, .entries = &quorum};
  amqp_queue_declare(broker, 1, amqp_cstring_bytes(options.queue), 0, 1, 0, 0, arguments);
  check(broker, "declare the queue");
  amqp_connection_close(broker, AMQP_REPLY_SUCCESS);
}

void purge_queue(void) {
  amqp_connection_state_t broker = dial();
  amqp_queue_purge(broker, 1, amqp_cstring_bytes(options.queue));
  check(broker, "purge the queue");
  amqp_connection_close(broker, AMQP_REPLY_SUCCESS);
}

void print_depth(void) {
  amqp_connection_state_t broker = dial();
  amqp_queue_declare_ok_t *queue =
    amqp_queue_declare(broker, 1, amqp_cstring_bytes(options.queue), 1, 0, 0, 0, amqp_empty_table);
  check(broker, "look at the queue");
  printf("%u\n", queue->message_count);
  amqp_connection_close(broker, AMQP_REPLY_SUCCESS);
}

void publish(amqp_connection_state_t broker, struct buffer *body, long index) {
  char name[96];
  snprintf(name, sizeof name, "%s-%ld", options.run, index);
  amqp_basic_properties_t properties = {
    ._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_CORRELATION_ID_FLAG
      | AMQP_BASIC_REPLY_TO_FLAG | AMQP_BASIC_MESSAGE_ID_FLAG | AMQP_BASIC_TYPE_FLAG,
    .content_type = amqp_cstring_bytes(options.is_binary ? "image/png" : "application/json"), .delivery_mode = 2,
    .correlation_id = amqp_cstring_bytes(name), .message_id = amqp_cstring_bytes(name),
    .reply_to = amqp_cstring_bytes(options.replies), .type = amqp_cstring_bytes("general-text")};
  mark_body(body, options.is_binary, index);
  amqp_bytes_t bytes = {body->count, body->bytes};
  if (amqp_basic_publish(broker, 1, amqp_empty_bytes, amqp_cstring_bytes(options.queue), 0, 0, &properties, bytes)
      != AMQP_STATUS_OK) fail("cannot publish");
}

void start_consuming(amqp_connection_state_t broker) {
  amqp_basic_consume(
    broker, 1, amqp_cstring_bytes(options.replies), amqp_empty_bytes, 0, 1, 0, amqp_empty_table);
  check(broker, "consume the replies");
}

static long index_of(amqp_basic_properties_t *properties) {
  size_t length = strlen(options.run);
  amqp_bytes_t name = properties->correlation_id;
  if (!(properties->_flags & AMQP_BASIC_CORRELATION_ID_FLAG) || name.len < length + 2) return -2;
  if (memcmp(name.bytes, options.run, length) != 0 || ((char *)name.bytes)[length] != '-') return -2;
  long index = 0;
  for (size_t at = length + 1; at < name.len; at++) index = index * 10 + ((char *)name.bytes)[at] - '0';
  return index >= 0 && index < options.count ? index : -2;
}

static bool has_marker(amqp_bytes_t body, long index) {
  static const char head[] = "{\"result\":{\"marker\":\"";
  char marker[MARKER_LENGTH + 1];
  write_marker(marker, index);
  return body.len > sizeof head + MARKER_LENGTH && memcmp(body.bytes, head, sizeof head - 1) == 0
    && memcmp((char *)body.bytes + sizeof head - 1, marker, MARKER_LENGTH) == 0;
}

long next_reply(amqp_connection_state_t broker, int seconds, bool *is_right) {
  amqp_envelope_t envelope;
  struct timeval patience = {seconds, 0};
  amqp_maybe_release_buffers(broker);
  amqp_rpc_reply_t reply = amqp_consume_message(broker, &envelope, &patience, 0);
  if (reply.reply_type != AMQP_RESPONSE_NORMAL) {
    if (reply.library_error == AMQP_STATUS_TIMEOUT) return -1;
    fail("the broker sent something else than a reply");
  }
  long index = index_of(&envelope.message.properties);
  *is_right = index >= 0 && has_marker(envelope.message.body, index);
  amqp_destroy_envelope(&envelope);
  return index;
}
