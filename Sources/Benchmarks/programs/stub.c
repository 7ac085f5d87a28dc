// ocr-stub [--port N] [--delay-ms N]: answers like the OCR service at next to no cost; one thread, HTTP/1.1, loopback.
//   POST /v3/auth/tokens   201 with a token of 2,048 characters that is valid for a day
//   GET  /calls            how many OCR calls were answered
//   anything else          200 with a result that repeats the last characters of the request, after the delay
// Bodies are read and forgotten. It prints its address when it listens, and ends on SIGTERM.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define TOKEN_LENGTH 2048
#define HEAD_LIMIT 65536
/// The marker, and what closes the body after it: `"}`.
#define TAIL_LENGTH (MARKER_LENGTH + 2)

enum call { CALL_OCR, CALL_TOKEN, CALL_COUNT };

struct connection {
  int socket;
  bool is_closed, is_answering;
  enum call call;
  struct buffer head;
  size_t body_left;
  char tail[TAIL_LENGTH];
  int64_t due;
  struct connection *next_due;
};

static int events;
static int64_t delay;
static long calls;
static struct connection *first_due, *last_due;

static void end(struct connection *connection) {
  if (!connection->is_closed) close(connection->socket);
  connection->is_closed = true;
  if (connection->is_answering) return;
  free(connection->head.bytes);
  free(connection);
}

static size_t write_token(char *into, size_t room) {
  char token[TOKEN_LENGTH + 1], issued[32], expires[32];
  for (int at = 0; at < TOKEN_LENGTH; at++) token[at] = "MIIabcdefghijklm"[at % 16];
  token[TOKEN_LENGTH] = 0;
  time_t now = time(NULL), later = now + 86400;
  struct tm parts;
  strftime(issued, sizeof issued, "%Y-%m-%dT%H:%M:%S.000000Z", gmtime_r(&now, &parts));
  strftime(expires, sizeof expires, "%Y-%m-%dT%H:%M:%S.000000Z", gmtime_r(&later, &parts));
  char body[512];
  int count = snprintf(body, sizeof body,
    "{\"token\":{\"issued_at\":\"%s\",\"expires_at\":\"%s\",\"methods\":[\"password\"],"
    "\"project\":{\"id\":\"0123456789abcdef0123456789abcdef\",\"name\":\"cn-north-4\"}}}", issued, expires);
  return snprintf(into, room, "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nX-Subject-Token: %s\r\n"
    "Content-Length: %d\r\n\r\n%s", token, count, body);
}

static size_t write_result(char *into, size_t room, const char *tail) {
  char marker[MARKER_LENGTH + 1] = {0}, body[1024];
  for (int at = 0; at < MARKER_LENGTH; at++) marker[at] = strchr("\\\"", tail[at]) || tail[at] < 32 ? '_' : tail[at];
  int count = snprintf(body, sizeof body,
    "{\"result\":{\"marker\":\"%s\",\"direction\":-1,\"words_block_count\":5,\"words_block_list\":["
    "{\"words\":\"Receipt 2026-000417\",\"location\":[[10,14],[398,14],[398,50],[10,50]],\"confidence\":0.9979},"
    "{\"words\":\"Total CNY 1,234.56\",\"location\":[[10,58],[380,58],[380,94],[10,94]],\"confidence\":0.9948},"
    "{\"words\":\"Harbour Street 12\",\"location\":[[10,98],[347,98],[347,134],[10,134]],\"confidence\":0.9881},"
    "{\"words\":\"2026-01-17 09:41\",\"location\":[[10,138],[304,138],[304,170],[10,170]],\"confidence\":0.9990},"
    "{\"words\":\"Thank you\",\"location\":[[10,178],[156,178],[156,206],[10,206]],\"confidence\":0.9921}]}}", marker);
  return snprintf(into, room, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Request-Id: %s\r\n"
    "Content-Length: %d\r\n\r\n%s", marker, count, body);
}

/// Answers fit into any send buffer; a peer that takes none of it loses its connection.
static void answer(struct connection *connection) {
  connection->is_answering = false;
  if (connection->is_closed) return end(connection);
  char text[4096];
  size_t count;
  switch (connection->call) {
    case CALL_TOKEN: count = write_token(text, sizeof text); break;
    case CALL_COUNT: {
      char digits[24];
      int length = snprintf(digits, sizeof digits, "%ld", calls);
      count = snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", length, digits);
      break;
    }
    default: calls++; count = write_result(text, sizeof text, connection->tail); break;
  }
  if (send(connection->socket, text, count, MSG_NOSIGNAL) != (ssize_t)count) shutdown(connection->socket, SHUT_RDWR);
}

/// The delay is the same for all, so whoever came first is due first.
static void complete(struct connection *connection) {
  connection->is_answering = true;
  if (delay == 0 || connection->call != CALL_OCR) return answer(connection);
  connection->due = now_nanoseconds() + delay;
  connection->next_due = NULL;
  if (first_due) last_due->next_due = connection; else first_due = connection;
  last_due = connection;
}

static void answer_due(int64_t now) {
  while (first_due && first_due->due <= now) {
    struct connection *connection = first_due;
    first_due = connection->next_due;
    answer(connection);
  }
}

static void begin_body(struct connection *connection) {
  char *head = buffer_room(&connection->head, 1);
  *head = 0;
  head = connection->head.bytes;
  const char *length = strcasestr(head, "\r\ncontent-length:");
  connection->body_left = length ? strtoul(length + 17, NULL, 10) : 0;
  connection->call = strncmp(head, "POST /v3/auth/tokens", 20) == 0 ? CALL_TOKEN
    : strncmp(head, "GET /calls", 10) == 0 ? CALL_COUNT : CALL_OCR;
  memset(connection->tail, '-', TAIL_LENGTH);
  if (strcasestr(head, "\r\nexpect:")) send(connection->socket, "HTTP/1.1 100 Continue\r\n\r\n", 25, MSG_NOSIGNAL);
}

static void keep_tail(struct connection *connection, const char *bytes, size_t count) {
  if (count >= TAIL_LENGTH) {
    memcpy(connection->tail, bytes + count - TAIL_LENGTH, TAIL_LENGTH);
    return;
  }
  memmove(connection->tail, connection->tail + count, TAIL_LENGTH - count);
  memcpy(connection->tail + TAIL_LENGTH - count, bytes, count);
}

/// Takes what belongs to the head; returns how much that was.
static size_t take_head(struct connection *connection, const char *bytes, size_t count) {
  size_t before = connection->head.count;
  buffer_append(&connection->head, bytes, count);
  size_t from = before > 3 ? before - 3 : 0;
  char *blank = memmem(connection->head.bytes + from, connection->head.count - from, "\r\n\r\n", 4);
  if (!blank) return count;
  connection->head.count = blank + 4 - connection->head.bytes;
  begin_body(connection);
  size_t taken = connection->head.count - before;
  connection->head.count = 0;
  if (connection->body_left == 0) complete(connection);
  return taken;
}

static size_t take_body(struct connection *connection, const char *bytes, size_t count) {
  if (count > connection->body_left) count = connection->body_left;
  keep_tail(connection, bytes, count);
  connection->body_left -= count;
  if (connection->body_left == 0) complete(connection);
  return count;
}

static void receive(struct connection *connection) {
  static char bytes[1 << 18];
  ssize_t count = recv(connection->socket, bytes, sizeof bytes, 0);
  if (count < 0 && errno == EAGAIN) return;
  if (count <= 0 || connection->is_answering) return end(connection);  // gone, or it does not wait for answers
  for (size_t at = 0; at < (size_t)count && !connection->is_closed;) {
    if (connection->is_answering || connection->head.count > HEAD_LIMIT) return end(connection);
    at += connection->body_left ? take_body(connection, bytes + at, count - at)
      : take_head(connection, bytes + at, count - at);
  }
}

static void welcome(int listener) {
  int socket;
  while ((socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection) fail("no memory for a connection");
    connection->socket = socket;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    epoll_ctl(events, EPOLL_CTL_ADD, socket, &event);
  }
}

static int listen_on(long port) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {
    .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) fail("cannot listen");
  socklen_t length = sizeof address;
  getsockname(listener, (struct sockaddr *)&address, &length);
  printf("listening on http://127.0.0.1:%d\n", ntohs(address.sin_port));
  fflush(stdout);
  return listener;
}

int main(int count, char **arguments) {
  static const struct option options[] = {{"port", 1, 0, 'p'}, {"delay-ms", 1, 0, 'd'}, {0}};
  long port = 0;
  for (int option; (option = getopt_long(count, arguments, "", options, NULL)) != -1;) {
    switch (option) {
      case 'p': port = number("--port", optarg, 0); break;
      case 'd': delay = number("--delay-ms", optarg, 0) * 1000000; break;
      default: return 2;
    }
  }
  events = epoll_create1(EPOLL_CLOEXEC);
  int listener = listen_on(port);
  struct epoll_event ready[64] = {{.events = EPOLLIN, .data.ptr = NULL}};
  epoll_ctl(events, EPOLL_CTL_ADD, listener, &ready[0]);
  for (;;) {
    int64_t wait = first_due ? first_due->due - now_nanoseconds() : 0;
    if (wait < 0) wait = 0;
    struct timespec patience = {wait / 1000000000, wait % 1000000000};
    int found = epoll_pwait2(events, ready, 64, first_due ? &patience : NULL, NULL);
    if (found < 0 && errno != EINTR) fail("epoll");
    for (int at = 0; at < found; at++) {
      if (ready[at].data.ptr) receive(ready[at].data.ptr); else welcome(listener);
    }
    answer_due(now_nanoseconds());
  }
}
