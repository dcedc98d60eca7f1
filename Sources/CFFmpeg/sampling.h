#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// The three loops that touch every sample of every frame. No filter of FFmpeg does them: zoompan and crop move by whole
// samples, so a slow pan trembles; perspective costs four times as much. They are in C, in vector types, because an
// unoptimised (debug) build of the same loops in Swift takes half a second for each 1080p frame.

typedef uint8_t yt_bytes __attribute__((vector_size(16)));
typedef uint16_t yt_words __attribute__((vector_size(32)));

static inline yt_words yt_load(const uint8_t *from) {
    yt_bytes bytes;
    memcpy(&bytes, from, sizeof bytes);
    return __builtin_convertvector(bytes, yt_words);
}

static inline void yt_store(uint8_t *to, yt_words words) {
    yt_bytes bytes = __builtin_convertvector(words, yt_bytes);
    memcpy(to, &bytes, sizeof bytes);
}

// Draws the part of a plane that begins at (x, y), one source sample every `step_x` and `step_y`, by bilinear
// interpolation. Positions are in 1/65536 of a source sample. `row` has room for source_width + 1 words.
static inline void yt_sample(
    uint8_t *to, ptrdiff_t to_stride, int width, int height,
    const uint8_t *from, ptrdiff_t from_stride, int source_width, int source_height,
    int64_t x, int64_t step_x, int64_t y, int64_t step_y, uint16_t *row) {
    const int64_t end_x = (int64_t)(source_width - 1) << 16, end_y = (int64_t)(source_height - 1) << 16;
    if (x + (width - 1) * step_x > end_x) x = end_x - (width - 1) * step_x;
    if (y + (height - 1) * step_y > end_y) y = end_y - (height - 1) * step_y;
    if (x < 0) x = 0;
    if (y < 0) y = 0;
    int first = (int)(x >> 16), last = (int)((x + (width - 1) * step_x) >> 16) + 1;
    if (last > source_width - 1) last = source_width - 1;
    for (int line = 0; line < height; line++, y += step_y, to += to_stride) {
        int above_line = (int)(y >> 16);
        if (above_line > source_height - 1) above_line = source_height - 1;
        const int below_line = above_line < source_height - 1 ? above_line + 1 : above_line;
        const uint8_t *above = from + above_line * from_stride, *below = from + below_line * from_stride;
        const uint16_t weight = (uint16_t)((y >> 8) & 255);
        int column = first;
        for (; column + 16 <= last + 1; column += 16) {
            yt_words mixed = yt_load(above + column) * (uint16_t)(256 - weight) + yt_load(below + column) * weight;
            memcpy(row + column, &mixed, sizeof mixed);
        }
        for (; column <= last; column++)
            row[column] = (uint16_t)(above[column] * (256 - weight) + below[column] * weight);
        row[last + 1] = row[last];
        int64_t position = x;
        for (int i = 0; i < width; i++, position += step_x) {
            const uint16_t *pair = row + (position >> 16);
            const uint32_t share = (uint32_t)((position >> 8) & 255);
            to[i] = (uint8_t)((pair[0] * (256 - share) + pair[1] * share + 32768) >> 16);
        }
    }
}

// Mixes `share`/256 of `other` into `to`.
static inline void yt_blend(
    uint8_t *to, ptrdiff_t to_stride, const uint8_t *other, ptrdiff_t other_stride, int width, int height, int share) {
    for (int line = 0; line < height; line++, to += to_stride, other += other_stride) {
        int i = 0;
        for (; i + 16 <= width; i += 16)
            yt_store(to + i, (yt_load(to + i) * (uint16_t)(256 - share) + yt_load(other + i) * (uint16_t)share + 128) >> 8);
        for (; i < width; i++) to[i] = (uint8_t)((to[i] * (256 - share) + other[i] * share + 128) >> 8);
    }
}

// Mixes `shares[line]`/256 of one value into each line.
static inline void yt_shade(
    uint8_t *to, ptrdiff_t to_stride, int width, int height, int value, const uint16_t *shares) {
    for (int line = 0; line < height; line++, to += to_stride) {
        const uint16_t share = shares[line];
        if (share == 0) continue;
        const uint16_t added = (uint16_t)(value * share + 128);
        int i = 0;
        for (; i + 16 <= width; i += 16) yt_store(to + i, (yt_load(to + i) * (uint16_t)(256 - share) + added) >> 8);
        for (; i < width; i++) to[i] = (uint8_t)((to[i] * (256 - share) + added) >> 8);
    }
}
