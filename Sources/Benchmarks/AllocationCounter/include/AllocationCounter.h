#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

/// How many blocks of memory this process has asked for so far, whoever did: Swift, its runtime or a C library.
unsigned long allocation_count(void);

#endif
