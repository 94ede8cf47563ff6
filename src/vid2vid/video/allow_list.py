"""The video files that decord may read: its FFmpeg is of 2020 and has known vulnerabilities in rarer decoders."""

from pathlib import Path

import av

from vid2vid.video.decoding import open_container

_CONTAINERS = ("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm")
_VIDEO = ("h264", "hevc", "vp8", "vp9", "ffv1")
# PyAV's names of decoders, some of which differ from those of the codecs
_SOUND = ("aac", "mp3", "mp3float", "opus", "libopus", "vorbis", "flac", "alac", "pcm_s16le")


def refusal(path: Path) -> str:
    """Return why decord must not read a file; empty if it may, once PyAV has decoded the video.

    FFmpeg probes all streams of a file that it opens, so every stream must be on the list, and the sound is decoded
    here.

    Raises:
        VideoError: The file cannot be opened, or holds no video.
    """
    with open_container(path) as (container, video):
        if container.format.name not in _CONTAINERS:
            return f"files of the format {container.format.name} are not given to decord"
        for stream in container.streams:
            name = stream.codec_context.name if stream.codec_context else ""
            listed = name in _VIDEO if stream is video else stream.type == "audio" and name in _SOUND
            # data streams, such as time codes, have no decoder
            if not listed and (name or stream.type != "data"):
                return f"{stream.type} of the codec {name or 'unknown'} is not given to decord"
        try:
            for sound in container.streams.audio:
                for _ in container.decode(sound):
                    pass
                container.seek(0)
        except (av.FFmpegError, OSError):
            return "its sound is damaged, and not given to decord"
    return ""
