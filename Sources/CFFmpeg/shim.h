#pragma once
#include <errno.h>
#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/channel_layout.h>
#include <libavutil/display.h>
#include <libavutil/hwcontext.h>
#include <libavutil/imgutils.h>
#include <libavutil/log.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libavutil/sha.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>

// Swift imports neither function-like macros nor cast constants; each gets a typed constant here.
static const int64_t YT_NOPTS_VALUE = AV_NOPTS_VALUE;
static const int YT_AVERROR_EOF = AVERROR_EOF;
static const int YT_AVERROR_EXIT = AVERROR_EXIT;
static const int YT_AVERROR_EAGAIN = AVERROR(EAGAIN);
static const int YT_AVERROR_ENOMEM = AVERROR(ENOMEM);
static const int YT_AVERROR_ENOSYS = AVERROR(ENOSYS);
static const int YT_AVERROR_ENOENT = AVERROR(ENOENT);
static const int YT_AVERROR_EACCES = AVERROR(EACCES);
static const int YT_AVERROR_EISDIR = AVERROR(EISDIR);
static const int YT_AVERROR_ENOSPC = AVERROR(ENOSPC);
static const int YT_AVERROR_EPERM = AVERROR(EPERM);
static const int YT_AVERROR_EXTERNAL = AVERROR_EXTERNAL;
static const int YT_AVERROR_INVALIDDATA = AVERROR_INVALIDDATA;
static const int YT_AVERROR_ENCODER_NOT_FOUND = AVERROR_ENCODER_NOT_FOUND;
static const int YT_AVERROR_DECODER_NOT_FOUND = AVERROR_DECODER_NOT_FOUND;
static const int YT_AVERROR_FILTER_NOT_FOUND = AVERROR_FILTER_NOT_FOUND;
static const int YT_AVERROR_OPTION_NOT_FOUND = AVERROR_OPTION_NOT_FOUND;
static inline AVRational yt_time_base_q(void) { return AV_TIME_BASE_Q; }

// The log context one level up (a demuxer behind its bytes, a graph behind its filter), or NULL: the walk is by byte
// offsets from AVClass, which Swift can only do with more unsafe code than this.
static inline void *yt_log_parent(void *context) {
    const AVClass *class = context ? *(const AVClass **)context : NULL;
    return class && class->parent_log_context_offset
        ? *(void **)((char *)context + class->parent_log_context_offset) : NULL;
}

// How a film's pictures are to be turned (nine numbers), or NULL. FFmpeg 7 moved it.
static inline const int32_t *yt_display_matrix(const AVStream *stream) {
#if LIBAVFORMAT_VERSION_MAJOR >= 61
    const AVPacketSideData *data = av_packet_side_data_get(
        stream->codecpar->coded_side_data, stream->codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
    return data && data->size >= 9 * sizeof(int32_t) ? (const int32_t *)data->data : NULL;
#else
    size_t size = 0;
    const uint8_t *data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
    return data && size >= 9 * sizeof(int32_t) ? (const int32_t *)data : NULL;
#endif
}

// Whether a frame is two fields of different moments. FFmpeg 6.1 made it a flag.
static inline int yt_is_interlaced(const AVFrame *frame) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(58, 7, 100)
    return (frame->flags & AV_FRAME_FLAG_INTERLACED) != 0;
#else
    return frame->interlaced_frame;
#endif
}
