#pragma once
// Linux headers that Swift's Glibc module does not export.
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>

// Hidden behind _GNU_SOURCE, which must not be defined here: the types would then differ from those of Glibc.
int pthread_setname_np(pthread_t thread, const char *name);

// The modules of NIO declare timespec anew, so a target that links them cannot use it.
static inline long long clock_milliseconds_since_1970(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

// The same holds for stat: what tells one state of a file from the next.
struct file_stamp {
  long long device, inode, size, changed_seconds, changed_nanoseconds;
};

static inline int read_file_stamp(const char *path, struct file_stamp *stamp) {
  struct stat status;
  if (stat(path, &status) != 0) return -1;
  stamp->device = (long long)status.st_dev;
  stamp->inode = (long long)status.st_ino;
  stamp->size = status.st_size;
  stamp->changed_seconds = status.st_mtim.tv_sec;
  stamp->changed_nanoseconds = status.st_mtim.tv_nsec;
  return 0;
}

static inline long long clock_milliseconds_since_boot(void) {
  struct timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}
