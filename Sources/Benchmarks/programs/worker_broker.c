// The connection to the broker: librabbitmq encodes and decodes, the socket is ours, one write a turn.
#define _GNU_SOURCE
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "worker.h"

#define CHANNEL 1
#define READ_SIZE (512 << 10)
#define METHOD_ROOM 1024
/// Deliveries and publishes that are open lie within so many numbers.
#define WINDOW (1 << 16)

enum delivery { OPEN, ANSWERED, ACKNOWLEDGED };

static amqp_connection_state_t broker;
static int broker_socket;
static size_t frame_max, written;
static struct buffer output;
static char *input;
static bool is_paused, wants_to_write, is_cancelled;
static struct message *arriving;

static uint8_t deliveries[WINDOW];
static uint64_t first_delivery = 1, last_delivery;
static uint64_t answered[WINDOW];
static size_t answered_count;

static struct message *publishes[WINDOW];
static uint64_t first_publish = 1, next_publish = 1;

static void put_frame(uint8_t type, size_t payload) {
  unsigned char *frame = (unsigned char *)output.bytes + output.count;
  uint32_t size = htonl(payload);
  frame[0] = type;
  frame[1] = 0;
  frame[2] = CHANNEL;
  memcpy(frame + 3, &size, 4);
  frame[7 + payload] = AMQP_FRAME_END;
  output.count += payload + 8;
}

static void put_method(uint32_t method, void *fields) {
  char *frame = buffer_room(&output, METHOD_ROOM);
  uint32_t number = htonl(method);
  memcpy(frame + 7, &number, 4);
  int size = amqp_encode_method(method, fields, (amqp_bytes_t){METHOD_ROOM - 12, frame + 11});
  if (size < 0) fail("cannot encode a method");
  put_frame(AMQP_FRAME_METHOD, size + 4);
}

static void put_header(struct message *message) {
  amqp_basic_properties_t properties = {
    ._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_CORRELATION_ID_FLAG,
    .content_type = amqp_cstring_bytes("application/json"), .delivery_mode = 2,
    .correlation_id = {message->correlation_id_length, message->correlation_id}};
  char *frame = buffer_room(&output, METHOD_ROOM);
  uint32_t class = htonl(AMQP_BASIC_CLASS << 16);
  uint64_t size = htobe64(message->answer.count);
  memcpy(frame + 7, &class, 4);
  memcpy(frame + 11, &size, 8);
  int count = amqp_encode_properties(AMQP_BASIC_CLASS, &properties, (amqp_bytes_t){METHOD_ROOM - 20, frame + 19});
  if (count < 0) fail("cannot encode properties");
  put_frame(AMQP_FRAME_HEADER, count + 12);
}

void publish_answer(struct message *message) {
  if (next_publish - first_publish >= WINDOW) fail("the broker does not confirm");
  amqp_basic_publish_t publish = {.routing_key = {message->reply_to_length, message->reply_to}};
  put_method(AMQP_BASIC_PUBLISH_METHOD, &publish);
  put_header(message);
  for (size_t at = 0; at < message->answer.count;) {
    size_t size = message->answer.count - at;
    if (size > frame_max - 8) size = frame_max - 8;
    memcpy(buffer_room(&output, size + 8) + 7, message->answer.bytes + at, size);
    put_frame(AMQP_FRAME_BODY, size);
    at += size;
  }
  publishes[next_publish++ % WINDOW] = message;
}

static void confirmed(uint64_t tag, bool is_multiple) {
  for (uint64_t at = is_multiple ? first_publish : tag; at <= tag; at++) {
    struct message *message = publishes[at % WINDOW];
    publishes[at % WINDOW] = NULL;
    if (message) message_finished(message);
  }
  while (first_publish < next_publish && !publishes[first_publish % WINDOW]) first_publish++;
}

void acknowledge(struct message *message) {
  deliveries[message->delivery_tag % WINDOW] = ANSWERED;
  answered[answered_count++] = message->delivery_tag;
}

static void put_ack(uint64_t tag, bool is_multiple) {
  amqp_basic_ack_t ack = {.delivery_tag = tag, .multiple = is_multiple};
  put_method(AMQP_BASIC_ACK_METHOD, &ack);
}

/// One for all up to the first that is open, and one for each of the rest.
static void put_acks(void) {
  uint64_t last = 0;
  for (; first_delivery <= last_delivery && deliveries[first_delivery % WINDOW] != OPEN; first_delivery++) {
    if (deliveries[first_delivery % WINDOW] == ANSWERED) last = first_delivery;
    deliveries[first_delivery % WINDOW] = OPEN;
  }
  if (last) put_ack(last, true);
  for (size_t at = 0; at < answered_count; at++) {
    if (answered[at] < first_delivery) continue;
    deliveries[answered[at] % WINDOW] = ACKNOWLEDGED;
    put_ack(answered[at], false);
  }
  answered_count = 0;
}

static void watch_broker(bool is_new) {
  watch(broker_socket, (is_paused ? 0 : EPOLLIN) | (wants_to_write ? EPOLLOUT : 0), is_new);
}

/// Confirms come over the same connection, so it is paused only while calls are open that will end by themselves.
void pause_broker(bool pause) {
  if (pause == is_paused) return;
  is_paused = pause;
  watch_broker(false);
}

void flush_broker(void) {
  if (answered_count) put_acks();
  while (written < output.count) {
    ssize_t count = send(broker_socket, output.bytes + written, output.count - written, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0 && errno == EAGAIN) break;
    if (count < 0) fail("cannot write to the broker");
    written += count;
  }
  bool is_left = written < output.count;
  if (!is_left) written = output.count = 0;
  if (is_left != wants_to_write) {
    wants_to_write = is_left;
    watch_broker(false);
  }
}

static uint8_t copy_text(char *into, amqp_bytes_t text, bool is_there) {
  if (!is_there) return 0;
  memcpy(into, text.bytes, text.len);
  return text.len;
}

static void header_came(amqp_basic_properties_t *properties, uint64_t size) {
  arriving->body_size = size;
  arriving->body_received = 0;
  arriving->body = take_body(size, &arriving->body_capacity);
  arriving->reply_to_length =
    copy_text(arriving->reply_to, properties->reply_to, properties->_flags & AMQP_BASIC_REPLY_TO_FLAG);
  arriving->correlation_id_length = copy_text(
    arriving->correlation_id, properties->correlation_id, properties->_flags & AMQP_BASIC_CORRELATION_ID_FLAG);
  if (size == 0) message_arrived(arriving);
}

static void body_came(amqp_bytes_t bytes) {
  memcpy(arriving->body + arriving->body_received, bytes.bytes, bytes.len);
  arriving->body_received += bytes.len;
  if (arriving->body_received == arriving->body_size) message_arrived(arriving);
}

static void method_came(amqp_method_t method) {
  switch (method.id) {
    case AMQP_BASIC_DELIVER_METHOD:
      arriving = take_message();
      last_delivery = arriving->delivery_tag = ((amqp_basic_deliver_t *)method.decoded)->delivery_tag;
      if (last_delivery - first_delivery >= WINDOW) fail("a request was never answered");
      break;
    case AMQP_BASIC_ACK_METHOD: {
      amqp_basic_ack_t *ack = method.decoded;
      confirmed(ack->delivery_tag, ack->multiple);
      break;
    }
    case AMQP_BASIC_CANCEL_OK_METHOD: is_cancelled = true; break;
    default: fail("the broker sent %s", amqp_method_name(method.id));
  }
}

void read_broker(void) {
  ssize_t count;
  do {
    count = recv(broker_socket, input, READ_SIZE, MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) fail("the broker is gone");
    for (amqp_bytes_t left = {count, input}; left.len > 0;) {
      amqp_frame_t frame;
      int taken = amqp_handle_input(broker, left, &frame);
      if (taken < 0) fail("%s", amqp_error_string2(taken));
      left = (amqp_bytes_t){left.len - taken, (char *)left.bytes + taken};
      if (frame.frame_type == AMQP_FRAME_METHOD) method_came(frame.payload.method);
      if (frame.frame_type == AMQP_FRAME_HEADER)
        header_came(frame.payload.properties.decoded, frame.payload.properties.body_size);
      if (frame.frame_type == AMQP_FRAME_BODY) body_came(frame.payload.body_fragment);
      if (frame.frame_type) amqp_maybe_release_buffers_on_channel(broker, frame.channel);
    }
  } while (count == READ_SIZE && !is_paused);
}

void cancel_consumer(void) {
  amqp_basic_cancel_t cancel = {.consumer_tag = amqp_cstring_bytes("floor")};
  put_method(AMQP_BASIC_CANCEL_METHOD, &cancel);
}

bool is_consumer_cancelled(void) { return is_cancelled; }

void close_broker(void) { amqp_connection_close(broker, AMQP_REPLY_SUCCESS); }

static void expect_normal(amqp_rpc_reply_t reply, const char *what) {
  if (reply.reply_type != AMQP_RESPONSE_NORMAL) fail("the broker refused to %s", what);
}

int open_broker(void) {
  struct amqp_connection_info address;
  char *url = strdup(settings.amqp_url);
  if (amqp_parse_url(url, &address) != AMQP_STATUS_OK) fail("not an address of a broker");
  broker = amqp_new_connection();
  amqp_socket_t *socket = amqp_tcp_socket_new(broker);
  if (!socket || amqp_socket_open(socket, address.host, address.port)) fail("cannot reach the broker");
  expect_normal(
    amqp_login(broker, address.vhost, 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, address.user, address.password), "log in");
  free(url);
  amqp_channel_open(broker, CHANNEL);
  expect_normal(amqp_get_rpc_reply(broker), "open a channel");
  amqp_confirm_select(broker, CHANNEL);
  expect_normal(amqp_get_rpc_reply(broker), "confirm");
  amqp_basic_qos(broker, CHANNEL, 0, settings.prefetch, 0);
  expect_normal(amqp_get_rpc_reply(broker), "limit what it sends");
  broker_socket = amqp_get_sockfd(broker);
  frame_max = amqp_get_frame_max(broker);
  input = malloc(READ_SIZE);
  setsockopt(broker_socket, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  watch_broker(true);
  // Written by hand, without an answer: the library's own call would put deliveries that come early into its queues.
  amqp_basic_consume_t consume = {
    .queue = amqp_cstring_bytes(settings.queue), .consumer_tag = amqp_cstring_bytes("floor"), .nowait = 1};
  put_method(AMQP_BASIC_CONSUME_METHOD, &consume);
  flush_broker();
  return broker_socket;
}
