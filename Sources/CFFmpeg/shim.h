#pragma once
#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/channel_layout.h>
#include <libavutil/hwcontext.h>
#include <libavutil/imgutils.h>
#include <libavutil/log.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>

// Swift imports neither function-like macros nor cast constants; each gets a typed constant here.
static const int64_t YT_NOPTS_VALUE = AV_NOPTS_VALUE;
static const int YT_AVERROR_EOF = AVERROR_EOF;
static const int YT_AVERROR_EAGAIN = AVERROR(EAGAIN);
static const int YT_AVERROR_ENOMEM = AVERROR(ENOMEM);
static const int YT_AVERROR_ENOSYS = AVERROR(ENOSYS);
static const int YT_AVERROR_EXTERNAL = AVERROR_EXTERNAL;
static const int YT_AVERROR_INVALIDDATA = AVERROR_INVALIDDATA;
static inline AVRational yt_time_base_q(void) { return AV_TIME_BASE_Q; }
