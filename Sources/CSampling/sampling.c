#include "CSampling.h"
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
// One function for every processor, and one for those with AVX2; the loader takes the one that runs.
#define YT_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define YT_CLONES
#endif

// Horizontal interpolation is done for eight samples at a time. Their sources, two each, lie within 16 bytes as long as the step
// is below 2: one load and one shuffle fetch all of them.
enum { LANES = 8 };

typedef struct {
    uint8_t shuffle[16];  // which of the 16 bytes are the pairs
    uint8_t weights[16];  // of the left and the right one of each pair, in 1/128
    int32_t offset;       // of the 16 bytes in the line
    int32_t padding[3];
} yt_block;

static int blocks(int width) { return (width + LANES - 1) / LANES; }

size_t yt_sample_workspace(int width) {
    return (size_t)blocks(width) * (sizeof(yt_block) + 2 * LANES * sizeof(int16_t)) + 128;
}

static void plan_blocks(yt_block *plan, int width, int source_width, int64_t x, int64_t step_x) {
    for (int block = 0; block < blocks(width); block++, plan++) {
        int64_t position = x + (int64_t)block * LANES * step_x;
        plan->offset = (int32_t)(position >> 16);
        for (int i = 0; i < LANES; i++, position += step_x) {
            int column = (int)(position >> 16);
            int share = (int)((position >> 9) & 127);
            if (column >= source_width - 1) column = source_width - 1, share = 0;
            int left = column - plan->offset;
            // What is beyond the plane's width is drawn into the workspace only.
            if (left > 14) left = 14, share = 0;
            plan->shuffle[2 * i] = (uint8_t)left;
            plan->shuffle[2 * i + 1] = (uint8_t)(left + (share > 0));
            plan->weights[2 * i] = (uint8_t)(128 - share);
            plan->weights[2 * i + 1] = (uint8_t)share;
        }
    }
}

// Samples of 8 bits become (sample - 128) × 128: what a signed word holds, and what the multiply-and-add of bytes gives.
static void sample_line_plain(int16_t *to, const uint8_t *from, const yt_block *plan, int count) {
    for (; count > 0; count--, plan++, to += LANES)
        for (int i = 0; i < LANES; i++) {
            const uint8_t *bytes = from + plan->offset;
            to[i] = (int16_t)((bytes[plan->shuffle[2 * i]] - 128) * plan->weights[2 * i]
                + (bytes[plan->shuffle[2 * i + 1]] - 128) * plan->weights[2 * i + 1]);
        }
}

// One line between two sampled ones; `weight` in 1/32768 of the lower.
YT_CLONES static void mix_lines(uint8_t *to, const int16_t *above, const int16_t *below, int weight, int width) {
    for (int i = 0; i < width; i++) {
        int mixed = above[i] + (((below[i] - above[i]) * weight + 16384) >> 15);
        to[i] = (uint8_t)(((mixed + 64) >> 7) + 128);
    }
}

#if defined(__x86_64__)
__attribute__((target("ssse3")))
static void sample_line_ssse3(int16_t *to, const uint8_t *from, const yt_block *plan, int count) {
    const __m128i middle = _mm_set1_epi8((char)128);
    for (; count > 0; count--, plan++, to += LANES) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(from + plan->offset));
        bytes = _mm_xor_si128(_mm_shuffle_epi8(bytes, _mm_load_si128((const __m128i *)plan->shuffle)), middle);
        __m128i words = _mm_maddubs_epi16(_mm_load_si128((const __m128i *)plan->weights), bytes);
        _mm_store_si128((__m128i *)to, words);
    }
}

__attribute__((target("avx2")))
static void mix_lines_avx2(uint8_t *to, const int16_t *above, const int16_t *below, int weight, int width) {
    const __m256i share = _mm256_set1_epi16((int16_t)weight), half = _mm256_set1_epi16(64);
    const __m256i middle = _mm256_set1_epi8((char)128);
    int i = 0;
    for (; i + 32 <= width; i += 32) {
        __m256i result[2];
        for (int part = 0; part < 2; part++) {
            __m256i upper = _mm256_loadu_si256((const __m256i *)(above + i + 16 * part));
            __m256i lower = _mm256_loadu_si256((const __m256i *)(below + i + 16 * part));
            __m256i mixed = _mm256_add_epi16(upper, _mm256_mulhrs_epi16(_mm256_sub_epi16(lower, upper), share));
            result[part] = _mm256_srai_epi16(_mm256_add_epi16(mixed, half), 7);
        }
        __m256i bytes = _mm256_permute4x64_epi64(_mm256_packs_epi16(result[0], result[1]), 0xD8);
        _mm256_storeu_si256((__m256i *)(to + i), _mm256_xor_si256(bytes, middle));
    }
    mix_lines(to + i, above + i, below + i, weight, width - i);
}
#endif

void yt_sample(
    uint8_t *to, ptrdiff_t to_stride, int width, int height,
    const uint8_t *from, ptrdiff_t from_stride, int source_width, int source_height,
    int64_t x, int64_t step_x, int64_t y, int64_t step_y, void *workspace) {
    const int64_t end_x = (int64_t)(source_width - 1) << 16, end_y = (int64_t)(source_height - 1) << 16;
    if (x + (width - 1) * step_x > end_x) x = end_x - (width - 1) * step_x;
    if (y + (height - 1) * step_y > end_y) y = end_y - (height - 1) * step_y;
    if (x < 0) x = 0;
    if (y < 0) y = 0;
    if (step_x >= 2 << 16) step_x = (2 << 16) - 1;

    void (*sample_line)(int16_t *, const uint8_t *, const yt_block *, int) = sample_line_plain;
    void (*mix)(uint8_t *, const int16_t *, const int16_t *, int, int) = mix_lines;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("ssse3")) sample_line = sample_line_ssse3;
    if (__builtin_cpu_supports("avx2")) mix = mix_lines_avx2;
#endif

    const int count = blocks(width);
    yt_block *plan = workspace;
    int16_t *lines[2] = {(int16_t *)(plan + count), (int16_t *)(plan + count) + count * LANES};
    plan_blocks(plan, width, source_width, x, step_x);
    // The two lines of the source that are sampled and kept, by their numbers.
    int held[2] = {-1, -1};
    for (int line = 0; line < height; line++, y += step_y, to += to_stride) {
        int above = (int)(y >> 16);
        if (above > source_height - 1) above = source_height - 1;
        const int below = above < source_height - 1 ? above + 1 : above;
        if (held[0] != above) {
            if (held[1] == above) {
                int16_t *spare = lines[0];
                lines[0] = lines[1], lines[1] = spare;
                held[1] = -1;
            } else {
                sample_line(lines[0], from + above * from_stride, plan, count);
            }
            held[0] = above;
        }
        if (below == above) {
            mix(to, lines[0], lines[0], 0, width);
            continue;
        }
        if (held[1] != below) {
            sample_line(lines[1], from + below * from_stride, plan, count);
            held[1] = below;
        }
        mix(to, lines[0], lines[1], (int)((y >> 1) & 32767), width);
    }
}

YT_CLONES void yt_blend(
    uint8_t *to, ptrdiff_t to_stride, const uint8_t *other, ptrdiff_t other_stride, int width, int height, int share) {
    const uint16_t mine = (uint16_t)(256 - share), theirs = (uint16_t)share;
    for (int line = 0; line < height; line++, to += to_stride, other += other_stride)
        for (int i = 0; i < width; i++) to[i] = (uint8_t)((uint16_t)(to[i] * mine + other[i] * theirs + 128) >> 8);
}

YT_CLONES void yt_blend_columns(
    uint8_t *to, ptrdiff_t to_stride, const uint8_t *other, ptrdiff_t other_stride, int width, int height,
    const uint16_t *shares) {
    for (int line = 0; line < height; line++, to += to_stride, other += other_stride)
        for (int i = 0; i < width; i++)
            to[i] = (uint8_t)((uint16_t)(to[i] * (256 - shares[i]) + other[i] * shares[i] + 128) >> 8);
}

YT_CLONES void yt_shade(uint8_t *to, ptrdiff_t to_stride, int width, int height, int value, const uint16_t *shares) {
    for (int line = 0; line < height; line++, to += to_stride) {
        const uint16_t share = shares[line];
        if (share == 0) continue;
        const uint16_t added = (uint16_t)(value * share + 128), kept = (uint16_t)(256 - share);
        for (int i = 0; i < width; i++) to[i] = (uint8_t)((uint16_t)(to[i] * kept + added) >> 8);
    }
}

YT_CLONES void yt_overlay(
    uint8_t *to, ptrdiff_t to_stride, const uint8_t *over, ptrdiff_t over_stride, const uint8_t *alpha,
    ptrdiff_t alpha_stride, int width, int height, int share) {
    for (int line = 0; line < height; line++, to += to_stride, over += over_stride, alpha += alpha_stride)
        for (int i = 0; i < width; i++) {
            const uint32_t part = (alpha[i] * (uint32_t)share + 128) / 255;
            to[i] = (uint8_t)((to[i] * (256 - part) + over[i] * part + 128) >> 8);
        }
}
