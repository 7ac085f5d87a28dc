// floor-worker --amqp-url URL --queue Q --ocr-url URL [--prefetch N] [--connections N] [--in-work-mib N] [--token-bytes N]
// Consumes requests, posts each body as it is with an X-Auth-Token of --token-bytes (2,048) characters, publishes the
// answer to reply_to with a publisher confirm, then acknowledges. One thread, librabbitmq as the codec, libcurl's multi
// interface. Nothing else: no checks, limits, retries, metrics or second connection. It is the measure for the relay.
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>

#include "worker.h"

struct settings settings = {
  .prefetch = 50, .connections = 64, .in_work_bytes = 64 << 20, .token_bytes = 2048};

static int epoll;
static struct message *spare_messages;
static char *spare_bodies[48];
static long in_work;
static size_t bytes_in_work;

struct message *take_message(void) {
  struct message *message = spare_messages;
  if (message) {
    spare_messages = message->next;
  } else {
    message = calloc(1, sizeof *message);
    if (!message) fail("no memory for a message");
    message->call = make_call(message);
  }
  return message;
}

void return_message(struct message *message) {
  message->next = spare_messages;
  spare_messages = message;
}

char *take_body(size_t size, size_t *capacity) {
  int class = size <= 1024 ? 10 : 64 - __builtin_clzl(size - 1);
  *capacity = (size_t)1 << class;
  char *body = spare_bodies[class];
  if (body) memcpy(&spare_bodies[class], body, sizeof(char *)); else body = malloc(*capacity);
  if (!body) fail("no memory for a body of %zu bytes", size);
  return body;
}

void return_body(char *body, size_t capacity) {
  int class = __builtin_ctzl(capacity);
  memcpy(body, &spare_bodies[class], sizeof(char *));
  spare_bodies[class] = body;
}

void watch(int descriptor, uint32_t events, bool is_new) {
  struct epoll_event event = {.events = events, .data.fd = descriptor};
  if (epoll_ctl(epoll, is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, descriptor, &event)) fail("epoll");
}

static void count_bytes(long change) {
  bytes_in_work += change;
  pause_broker(bytes_in_work >= (size_t)settings.in_work_bytes);
}

void message_arrived(struct message *message) {
  in_work++;
  count_bytes(message->body_size);
  start_call(message);
}

void message_answered(struct message *message) {
  return_body(message->body, message->body_capacity);
  count_bytes(-(long)message->body_size);
  publish_answer(message);
}

void message_finished(struct message *message) {
  acknowledge(message);
  return_message(message);
  in_work--;
}

static void read_options(int count, char **arguments) {
  enum { URL = 1, QUEUE, OCR, PREFETCH, CONNECTIONS, IN_WORK, TOKEN };
  static const struct option known[] = {
    {"amqp-url", 1, 0, URL}, {"queue", 1, 0, QUEUE}, {"ocr-url", 1, 0, OCR}, {"prefetch", 1, 0, PREFETCH},
    {"connections", 1, 0, CONNECTIONS}, {"in-work-mib", 1, 0, IN_WORK}, {"token-bytes", 1, 0, TOKEN}, {0}};
  for (int option; (option = getopt_long(count, arguments, "", known, NULL)) != -1;) {
    switch (option) {
      case URL: settings.amqp_url = optarg; break;
      case QUEUE: settings.queue = optarg; break;
      case OCR: settings.ocr_url = optarg; break;
      case PREFETCH: settings.prefetch = number("--prefetch", optarg, 1); break;
      case CONNECTIONS: settings.connections = number("--connections", optarg, 1); break;
      case IN_WORK: settings.in_work_bytes = number("--in-work-mib", optarg, 1) << 20; break;
      case TOKEN: settings.token_bytes = number("--token-bytes", optarg, 1); break;
      default: exit(2);
    }
  }
  if (!settings.amqp_url || !settings.queue || !settings.ocr_url) fail("--amqp-url, --queue and --ocr-url are needed");
}

static int watch_signals(void) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, NULL);
  int descriptor = signalfd(-1, &signals, SFD_CLOEXEC);
  watch(descriptor, EPOLLIN, true);
  return descriptor;
}

int main(int count, char **arguments) {
  read_options(count, arguments);
  epoll = epoll_create1(EPOLL_CLOEXEC);
  int signals = watch_signals();
  open_calls();
  int broker = open_broker();
  bool is_ending = false;
  struct epoll_event ready[256];
  while (!is_ending || in_work > 0 || !is_consumer_cancelled()) {
    int found = epoll_wait(epoll, ready, 256, run_calls());
    if (found < 0 && errno != EINTR) fail("epoll");
    for (int at = 0; at < found; at++) {
      int descriptor = ready[at].data.fd;
      if (descriptor == signals) {
        is_ending = true;
        watch(signals, 0, false);
        cancel_consumer();
      } else if (descriptor == broker) {
        if (ready[at].events & ~EPOLLOUT) read_broker();
      } else {
        calls_ready(descriptor, ready[at].events);
      }
    }
    run_calls();
    flush_broker();
  }
  close_broker();
  return 0;
}
