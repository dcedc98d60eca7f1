#include "CSampling.h"

#if defined(__x86_64__)
#define YT_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define YT_CLONES
#endif

// x / 255, rounded, for x up to 255 × 255.
static inline uint16_t by_255(uint16_t x) {
    const uint16_t biased = (uint16_t)(x + 128);
    return (uint16_t)((uint16_t)(biased + (biased >> 8)) >> 8);
}

// Capped: where two roundings meet, the sum could be 256.
static inline uint8_t over(uint8_t below, uint16_t kept, uint16_t value, uint16_t share) {
    const uint16_t sum = (uint16_t)(by_255((uint16_t)(below * kept)) + by_255((uint16_t)(value * share)));
    return (uint8_t)(sum > 255 ? 255 : sum);
}

YT_CLONES void yt_ink(
    uint8_t *const canvas[4], ptrdiff_t stride, const uint8_t *mask, ptrdiff_t mask_stride, int width, int height,
    const uint8_t colour[3], int opacity) {
    const uint16_t values[4] = {colour[0], colour[1], colour[2], 255};
    const uint16_t part = (uint16_t)opacity;
    for (int plane = 0; plane < 4; plane++) {
        uint8_t *restrict to = canvas[plane];
        const uint8_t *restrict from = mask;
        const uint16_t value = values[plane];
        for (int line = 0; line < height; line++, to += stride, from += mask_stride)
            for (int i = 0; i < width; i++) {
                const uint16_t share = by_255((uint16_t)(from[i] * part));
                to[i] = over(to[i], (uint16_t)(255 - share), value, share);
            }
    }
}

YT_CLONES void yt_halve(
    uint8_t *restrict to, ptrdiff_t to_stride, const uint8_t *restrict from, ptrdiff_t from_stride, int width, int height) {
    for (int line = 0; line < height; line++, to += to_stride, from += 2 * from_stride) {
        const uint8_t *restrict below = from + from_stride;
        for (int i = 0; i < width; i++)
            to[i] = (uint8_t)((from[2 * i] + from[2 * i + 1] + below[2 * i] + below[2 * i + 1] + 2) >> 2);
    }
}

YT_CLONES void yt_cover(
    uint8_t *restrict to, ptrdiff_t to_stride, const uint8_t *restrict value, const uint8_t *restrict coverage,
    ptrdiff_t stride, int width, int height) {
    for (int line = 0; line < height; line++, to += to_stride, value += stride, coverage += stride)
        for (int i = 0; i < width; i++) {
            const uint16_t sum = (uint16_t)(value[i] + by_255((uint16_t)(to[i] * (255 - coverage[i]))));
            to[i] = (uint8_t)(sum > 255 ? 255 : sum);
        }
}

void yt_extent(const uint8_t *line, int width, int *first, int *end) {
    int from = 0, to = width;
    while (from < to && line[from] == 0) from++;
    while (to > from && line[to - 1] == 0) to--;
    *first = from < to ? from : 0;
    *end = from < to ? to : 0;
}
