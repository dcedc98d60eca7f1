#pragma once
#include <zlib.h>

// deflateInit2 is a macro that passes the header's version and the size of the structure.
static inline int czlib_deflate_init(z_streamp stream, int level, int window_bits, int strategy) {
    return deflateInit2(stream, level, Z_DEFLATED, window_bits, 9, strategy);
}
