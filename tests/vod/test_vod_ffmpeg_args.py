"""Argument lists, word for word: a changed default of the library or of ours must be seen."""

import shlex
from pathlib import Path

from vod import ffmpeg_args
from vod.ffmpeg_args import EncodePlan
from vod.ladder import FULL_HD, LADDER

GUARDS = (
    "-format_whitelist mov,matroska,mpegts,mpeg,avi,flv,asf -max_pixels 8912896 -max_streams 16 "
    "-protocol_whitelist file,pipe"
)
HEAD = "-hide_banner -nostdin -v error -nostats -progress pipe:1 -y"
SOURCE = Path("/films/-y")
OUTPUT = (
    "-f hls -ac 2 -ar 48000 -b:a 96k -b:v:0 400k -b:v:1 700k -bufsize:v:0 800k -bufsize:v:1 1400k -c:a aac "
    "-c:v libx264 -dn -flags +cgop -force_key_frames expr:gte(t,n_forced*2) -g 50 -hls_flags independent_segments "
    "-hls_playlist_type vod -hls_segment_filename %v/%05d.ts -hls_segment_type mpegts -hls_time 6 -keyint_min 50 "
    "-level:v:0 2.1 -level:v:1 3.0 -map_chapters -1 -map_metadata -1 -maxrate:v:0 440k -maxrate:v:1 770k "
    "-muxdelay 0 -muxpreload 0 -preset veryfast -profile:v:0 main -profile:v:1 main -sc_threshold 0 -sn "
    "-var_stream_map 'v:0,a:0,name:240 v:1,a:1,name:360' %v/index.m3u8"
)


def _plan(**changes: object) -> EncodePlan:
    values = {"source": SOURCE, "picture": 0, "sound": 1, "square": False, "length_ms": 13_320, "limit_ms": 60_000}
    return EncodePlan(**(values | {"rungs": LADDER[:2]} | changes))


GRAPH = (
    "[0:0]yadif=deint=interlaced[s0];[s0]fps=fps=25:start_time=0[s1];"
    "[s1]scale=force_divisible_by=2:force_original_aspect_ratio=decrease:h=360:w=640[s2];[s2]pad=640:360:-1:-1[s3];"
    "[s3]setsar=1[s4];[s4]format=yuv420p[s5];[s5]tpad=stop=-1:stop_mode=clone[s6];[s6]trim=duration=13.320[s7];"
    "[s7]split=2[s8][s9];[s8]scale=426:240[s10];"
    "[0:1]aformat=channel_layouts=stereo[s11];[s11]loudnorm=I=-23:LRA=11:TP=-2[s12];"
    "[s12]aresample=48000:async=1:first_pts=0[s13];[s13]apad[s14];[s14]atrim=duration=13.320[s15];"
    "[s15]asplit=2[s16][s17]"
)


def test_probing_is_guarded() -> None:
    assert ffmpeg_args.probe_args(SOURCE) == shlex.split(
        "-hide_banner -v error -protocol_whitelist file,pipe -format_whitelist mov,matroska,mpegts,mpeg,avi,flv,asf "
        "-max_pixels 8912896 -max_streams 16 -show_streams -show_format -show_packets -read_intervals %+#4 -of json "
        "file:/films/-y"
    )


def test_the_scan_reads_packets_only() -> None:
    assert ffmpeg_args.scan_args(SOURCE, 0, None, 5000) == shlex.split(
        f"{HEAD} {GUARDS} -t 6.000 -i file:/films/-y -map 0:0 -f null -c copy -"
    )
    assert "-map 0:0 -map 0:1" in " ".join(ffmpeg_args.scan_args(SOURCE, 0, 1, 5000))


def test_packets_are_listed_under_the_same_guards() -> None:
    assert ffmpeg_args.packets_args(SOURCE, 1, 120) == shlex.split(
        "-hide_banner -v error -protocol_whitelist file,pipe -format_whitelist mov,matroska,mpegts,mpeg,avi,flv,asf "
        "-max_pixels 8912896 -max_streams 16 -select_streams 1 -show_entries packet=pts,dts,size,flags -of csv=p=0 "
        "-read_intervals %+120 file:/films/-y"
    )


def test_copying_cuts_as_encoding_does() -> None:
    assert ffmpeg_args.copy_args(SOURCE, 0, 1, 720) == shlex.split(
        f"{HEAD} {GUARDS} -i file:/films/-y -map 0:0 -map 0:1 -f hls -c copy -dn -hls_flags independent_segments "
        "-hls_playlist_type vod -hls_segment_filename %v/%05d.ts -hls_segment_type mpegts -hls_time 6 -map_chapters -1 "
        "-map_metadata -1 -muxdelay 0 -muxpreload 0 -sn -var_stream_map 'v:0,a:0,name:720' %v/index.m3u8"
    )


def test_fragments_are_the_same_streams_in_another_container() -> None:
    assert ffmpeg_args.fragments_args(360) == shlex.split(
        f"{HEAD} -f hls -protocol_whitelist file -i file:360/index.m3u8 -map 0:v -map 0:a -f hls -bsf:a aac_adtstoasc "
        "-c copy -dn -hls_flags independent_segments -hls_fmp4_init_filename init.mp4 -hls_playlist_type vod "
        "-hls_segment_filename f360/%05d.m4s -hls_segment_type fmp4 -hls_time 6 -map_chapters -1 -map_metadata -1 "
        "-muxdelay 0 -muxpreload 0 -sn f360/index.m3u8"
    )


def test_sprites_come_from_key_frames_with_samples_beside() -> None:
    assert ffmpeg_args.sprites_args(360, 2, (64, 36)) == shlex.split(
        "-hide_banner -nostdin -v error -y -f hls -protocol_whitelist file -skip_frame nokey -i file:360/index.m3u8 "
        "-filter_complex '[0:v]split=2[s0][s1];[s0]setpts=PTS-STARTPTS[s2];[s2]fps=1/10:round=up[s3];"
        "[s3]scale=160:90[s4];[s4]tile=10x6[s5];[s1]scale=64:36[s6];[s6]format=gray[s7]' "
        "-map '[s5]' -f image2 -frames:v 2 -map_metadata -1 -pix_fmt yuvj420p -q:v 5 -start_number 0 sprites/%d.jpg "
        "-map '[s7]' -f rawvideo -fps_mode passthrough pipe:1"
    )


def test_at_fifty_pictures_a_second_fields_and_levels_follow() -> None:
    args = ffmpeg_args.encode_args(_plan(fps=50, rungs=LADDER[1:]))
    words = " ".join(args)

    assert "yadif=deint=interlaced:mode=send_field[s0];[s0]fps=fps=50:start_time=0" in words
    assert "-g 100" in words
    assert [args[args.index(f"-level:v:{n}") + 1] for n in range(3)] == ["3.1", "3.1", "3.2"]


def test_full_hd_has_its_own_profile() -> None:
    args = ffmpeg_args.encode_args(_plan(rungs=(*LADDER[1:], FULL_HD)))

    assert [args[args.index(f"-profile:v:{n}") + 1] for n in range(4)] == ["main", "main", "main", "high"]
    assert args[args.index("-level:v:3") + 1] == "4.0"


def test_high_dynamic_range_is_mapped_once_behind_the_scaler() -> None:
    graph = " ".join(ffmpeg_args.encode_args(_plan(transfer="arib-std-b67")))

    chain = ("=640[", "zscale=min=bt2020nc:npl=100:pin=bt2020:rin=tv:t=linear:tin=arib-std-b67", "format=gbrpf32le")
    chain += ("zscale=p=bt709", "tonemap=desat=0:tonemap=hable", "zscale=m=bt709:r=tv:t=bt709", "pad=640:360")
    places = [graph.index(words) for words in chain]
    assert places == sorted(places)


def test_further_sounds_become_lists_of_their_own() -> None:
    args = ffmpeg_args.encode_args(_plan(voices=(("en", 3), ("zh-2", 4))))

    assert "[0:3]aformat" in " ".join(args)
    told = args[args.index("-var_stream_map") + 1]
    assert " ".join(args).count("atrim=duration=13.280") == 2
    assert told == "v:0,a:0,name:240 v:1,a:1,name:360 a:2,name:sound-en a:3,name:sound-zh-2"


def test_encoding_options_are_exactly_these() -> None:
    args = ffmpeg_args.encode_args(_plan())
    graph = args.index("-filter_complex")

    assert args[:graph] == shlex.split(f"{HEAD} {GUARDS} -t 61.000 -i file:/films/-y")
    assert args[args.index("-f", graph) :] == shlex.split(OUTPUT)


def test_picture_and_sound_are_normalised_once_for_all_rungs() -> None:
    args = ffmpeg_args.encode_args(_plan())

    assert args[args.index("-filter_complex") + 1] == GRAPH
    maps = [args[at + 1] for at, word in enumerate(args) if word == "-map"]
    assert maps == ["[s10]", "[s16]", "[s9]", "[s17]"]


def test_a_silent_film_gets_silence() -> None:
    args = " ".join(ffmpeg_args.encode_args(_plan(sound=None)))

    assert "-f lavfi -i anullsrc=r=48000:cl=stereo" in args
    assert "loudnorm" not in args


def test_stretched_pixels_are_made_square_first() -> None:
    graph = " ".join(ffmpeg_args.encode_args(_plan(square=True)))

    assert graph.index("scale=trunc(iw*sar/2)*2:ih") < graph.index("force_original_aspect_ratio")
