/// What a file may be: FFmpeg's demuxers and decoders by whitelist. Debian's FFmpeg reads some 350 formats, most of them of old games
/// and single devices, rarely tested and a usual place for memory errors. Left out for another reason are those that name other files
/// or addresses (`concat`, `hls`, `dash`, `imf`, `image2`, `sdp`, `rtsp`, `webm_dash_manifest`), devices (`lavfi`, `x11grab`), those
/// that take any text for a film (`tty`, `ffmetadata`, subtitles), and raw samples that nothing in the file announces.
struct MediaFormats: Sendable, Equatable {
    /// Names by commas, as FFmpeg's option `format_whitelist` takes them.
    let demuxers: String

    private init(_ names: String...) { demuxers = names.joined(separator: ",") }

    /// Single pictures. A GIF is read by the demuxer of films, too.
    static let pictures = MediaFormats(pictureNames)
    /// Films of phones, cameras, screen recorders, editors, stock sites and television; GIF and APNG.
    static let films = MediaFormats(filmNames)
    /// What speech, music and effects come as; also films, for their sound.
    static let sounds = MediaFormats(soundNames, filmNames)
    /// Anything of these.
    static let any = MediaFormats(pictureNames, filmNames, soundNames)
    /// What this library itself writes on the way.
    static let pieces = MediaFormats("nut")

    private static let pictureNames = """
        png_pipe,jpeg_pipe,webp_pipe,bmp_pipe,gif,tiff_pipe,ppm_pipe,pgm_pipe,pam_pipe,pbm_pipe,jpegls_pipe,\
        j2k_pipe,qoi_pipe,jpegxl_pipe,gif_pipe
        """
    private static let filmNames = """
        mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,m4v,h264,hevc,obu,av1,ivf,flv,asf,mxf,ogg,dv,nut,\
        yuv4mpegpipe,gif,apng,mjpeg
        """
    private static let soundNames = "wav,w64,mp3,aac,flac,ogg,aiff,caf,au,ac3,eac3,amr,amrnb,amrwb,wv"

    /// The decoders that are opened, whatever a container says is in it. No hardware wrappers, no codecs of games.
    static let decoders: Set<String> = Set(
        """
        h264 hevc vp8 vp9 libdav1d libaom-av1 av1 mpeg4 msmpeg4v1 msmpeg4v2 msmpeg4 mpeg1video mpeg2video mpegvideo h263 h263i flv
        wmv1 wmv2 wmv3 vc1 theora prores dnxhd cfhd mjpeg mjpegb dvvideo ffv1 huffyuv ffvhuff utvideo magicyuv hap qtrle rawvideo v210
        v410 r210 png apng gif bmp webp tiff ppm pgm pam pbm jpegls jpeg2000 libopenjpeg qoi libjxl wrapped_avframe
        aac mp3float mp3 mp2float mp2 mp1float opus libopus vorbis flac alac ac3 eac3 wmav1 wmav2 wavpack amrnb amrwb
        libopencore_amrnb libopencore_amrwb adpcm_ima_wav adpcm_ima_qt adpcm_ms
        pcm_u8 pcm_s8 pcm_s16le pcm_s16be pcm_s24le pcm_s24be pcm_s32le pcm_s32be pcm_f32le pcm_f32be pcm_f64le pcm_f64be pcm_alaw
        pcm_mulaw pcm_bluray pcm_dvd
        """.split(whereSeparator: \.isWhitespace).map(String.init))

    /// As FFmpeg's option `codec_whitelist` takes them.
    static let decoderList = decoders.sorted().joined(separator: ",")
}
