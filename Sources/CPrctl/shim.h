#pragma once
#include <sys/prctl.h>
#include <sys/resource.h>
// prctl(2) takes a variable number of arguments, which Swift does not import.
static inline int process_set_dumpable(unsigned long dumpable) { return prctl(PR_SET_DUMPABLE, dumpable, 0UL, 0UL, 0UL); }
// setrlimit(2) takes an int or an enumeration, as glibc is told to be GNU's own or not; Swift would see only one of the two.
static inline int process_limit_core_dumps(void) {
    struct rlimit none = {0, 0};
    return setrlimit(RLIMIT_CORE, &none);
}
