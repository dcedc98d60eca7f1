#include "CSampling.h"

#if defined(__x86_64__)
#define YT_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define YT_CLONES
#endif

// Sums and maxima are kept for sixteen samples side by side, in an order that is always the same: so they are made for eight at a
// time, and come out the same on every processor.
enum { LANES = 16 };

static inline float greater(float a, float b) { return b > a ? b : a; }

static inline float distance(float value) { return value < 0 ? -value : value; }

static inline float greatest(const float *lanes) {
    float most = 0;
    for (int i = 0; i < LANES; i++) most = greater(most, lanes[i]);
    return most;
}

YT_CLONES float yt_furthest(const float *samples, int count) {
    float most[LANES] = {0};
    int i = 0;
    for (; i + LANES <= count; i += LANES)
        for (int j = 0; j < LANES; j++) most[j] = greater(most[j], distance(samples[i + j]));
    for (; i < count; i++) most[0] = greater(most[0], distance(samples[i]));
    return greatest(most);
}

YT_CLONES float yt_between(const float *samples, int count, const float *weights, int taps) {
    float most[LANES] = {0};
    int i = 0;
    for (; i + LANES <= count; i += LANES) {
        float sum[LANES] = {0};
        for (int tap = 0; tap < taps; tap++)
            for (int j = 0; j < LANES; j++) sum[j] += weights[tap] * samples[i + j + tap];
        for (int j = 0; j < LANES; j++) most[j] = greater(most[j], distance(sum[j]));
    }
    for (; i < count; i++) {
        float sum = 0;
        for (int tap = 0; tap < taps; tap++) sum += weights[tap] * samples[i + tap];
        most[0] = greater(most[0], distance(sum));
    }
    return greatest(most);
}

YT_CLONES void yt_scale(float *to, float factor, int count) {
    for (int i = 0; i < count; i++) to[i] *= factor;
}

YT_CLONES void yt_add(float *restrict to, const float *restrict other, float factor, int count) {
    for (int i = 0; i < count; i++) to[i] += other[i] * factor;
}
