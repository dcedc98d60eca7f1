#pragma once
#include <stddef.h>
#include <stdint.h>

// The loops that touch every sample of every frame, and of all sound. No filter of FFmpeg does them: zoompan and crop move by whole samples, so a
// slow pan trembles; perspective costs four times as much. They are a C target of its own so that a debug build has them
// optimised too: the same loops unoptimised take half a second for each 1080p frame.

// How many bytes of workspace yt_sample needs for planes of so many samples across.
size_t yt_sample_workspace(int width);

// Draws the part of a plane that begins at (x, y), one source sample every `step_x` and `step_y`, by bilinear interpolation.
// Positions are in 1/65536 of a source sample. 16 bytes beyond the source's last sample are read. `workspace` is aligned to 64.
void yt_sample(
    uint8_t *to, ptrdiff_t to_stride, int width, int height,
    const uint8_t *from, ptrdiff_t from_stride, int source_width, int source_height,
    int64_t x, int64_t step_x, int64_t y, int64_t step_y, void *workspace);

// Mixes `share`/256 of `other` into `to`.
void yt_blend(
    uint8_t *to, ptrdiff_t to_stride, const uint8_t *other, ptrdiff_t other_stride, int width, int height, int share);

// The same with a share for each column.
void yt_blend_columns(
    uint8_t *to, ptrdiff_t to_stride, const uint8_t *other, ptrdiff_t other_stride, int width, int height,
    const uint16_t *shares);

// Mixes `shares[line]`/256 of one value into each line.
void yt_shade(uint8_t *to, ptrdiff_t to_stride, int width, int height, int value, const uint16_t *shares);

// Mixes `alpha`/255 × `share`/256 of `over` into `to`, sample by sample.
void yt_overlay(
    uint8_t *to, ptrdiff_t to_stride, const uint8_t *over, ptrdiff_t over_stride, const uint8_t *alpha,
    ptrdiff_t alpha_stride, int width, int height, int share);

// Text is gathered on canvases of equal size and stride: three of values, already multiplied by their coverage, and one of that
// coverage. This lays one bitmap of coverage in one colour over them; `opacity` is 0 to 255.
void yt_ink(
    uint8_t *const canvas[4], ptrdiff_t stride, const uint8_t *mask, ptrdiff_t mask_stride, int width, int height,
    const uint8_t colour[3], int opacity);

// Each sample is the mean of two by two: `width` and `height` are the smaller plane's.
void yt_halve(uint8_t *to, ptrdiff_t to_stride, const uint8_t *from, ptrdiff_t from_stride, int width, int height);

// Lays values that are already multiplied by their coverage over a plane.
void yt_cover(
    uint8_t *to, ptrdiff_t to_stride, const uint8_t *value, const uint8_t *coverage, ptrdiff_t stride, int width, int height);

// Where a line's first sample that isn't zero lies, and how far behind it the last one ends; both zero: there is none.
void yt_extent(const uint8_t *line, int width, int *first, int *end);

// Sound. The greatest distance from zero of so many samples.
float yt_furthest(const float *samples, int count);

// The same of `count` points between samples, each a weighted sum of `taps` of them: `count + taps - 1` are read.
float yt_between(const float *samples, int count, const float *weights, int taps);

// Multiplies samples.
void yt_scale(float *to, float factor, int count);

// Adds other samples, multiplied.
void yt_add(float *to, const float *other, float factor, int count);
