#pragma once
// Linux headers that Swift's Glibc module does not export.
#include <link.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>

// Hidden behind _GNU_SOURCE, which must not be defined here: the types would then differ from those of Glibc.
int pthread_setname_np(pthread_t thread, const char *name);
struct dl_phdr_info;
int dl_iterate_phdr(int (*visit)(struct dl_phdr_info *, size_t, void *), void *context);

// The first members of dl_phdr_info, which is hidden too: a program or library as it was loaded.
struct loaded_object {
  ElfW(Addr) base;
  const char *name;
  const ElfW(Phdr) *headers;
  ElfW(Half) header_count;
};

// Takes the pages of an object that nothing ever wrote to out of the process's memory; the next use of one brings it
// back from the file. Segments that may be written to stay: their pages hold what the loader put there.
static inline int release_constant_pages(struct dl_phdr_info *info, size_t size, void *context) {
  (void)size, (void)context;
  const struct loaded_object *object = (const void *)info;
  const ElfW(Addr) page = 4096;
  for (int index = 0; index < object->header_count; index++) {
    const ElfW(Phdr) *header = &object->headers[index];
    if (header->p_type != PT_LOAD || (header->p_flags & PF_W)) continue;
    ElfW(Addr) start = (object->base + header->p_vaddr + page - 1) & ~(page - 1);
    ElfW(Addr) end = (object->base + header->p_vaddr + header->p_memsz) & ~(page - 1);
    if (start < end) madvise((void *)start, end - start, MADV_DONTNEED);
  }
  return 0;
}

static inline void release_constant_pages_of_program(void) { dl_iterate_phdr(release_constant_pages, 0); }

// The modules of NIO declare timespec anew, so a target that links them cannot use it.
static inline long long clock_milliseconds_since_1970(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static inline long long clock_nanoseconds_since_1970(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
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
