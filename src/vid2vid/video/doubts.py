"""Properties of videos that readers do not reproduce: HDR, interlacing, more than 8 bits, unread transparency."""

from pathlib import Path

import av

from vid2vid.errors import VideoError
from vid2vid.video.damage import DAMAGED
from vid2vid.video.decoding import open_container
from vid2vid.video.images import is_folder

_HDR = {16: "PQ", 18: "HLG"}
"""Names of ITU-R BT.2100's transfer functions, by their numbers in ITU-T H.273."""
_FIELD_ORDERS = (2, 3, 4, 5)
"""FFmpeg's numbers of interlaced field orders; 1 is progressive, 0 unknown."""

INTERLACED = (
    "is interlaced, and its fields are not separated: moving edges look like combs. Deinterlace it first (bwdif)"
)
VARIABLE = (
    "has a variable frame rate, but in a training its frames count as evenly spaced: movements look uneven. Resample "
    "it first (ffmpeg -r)"
)


def doubts(path: Path) -> list[str]:
    """Return warnings about what is lost when a video file is read, by its header and first frame; none for a folder.

    Raises:
        VideoError: The file cannot be opened, or its first frame cannot be decoded.
    """
    if is_folder(path):
        return []
    with open_container(path) as (container, stream):
        try:
            frame = next(container.decode(stream), None)
        except (av.FFmpegError, OSError) as error:
            raise VideoError(f"{path}: frame 0 cannot be decoded ({error}); {DAMAGED}") from error
        codec = stream.codec_context
        transfer = _HDR.get(frame.color_trc if frame else codec.color_trc)
        bits = max((component.bits for component in codec.format.components), default=8) if codec.format else 8
        interlaced = codec.field_order in _FIELD_ORDERS or (frame is not None and frame.interlaced_frame)
        hidden = stream.metadata.get("alpha_mode") == "1"
    found = [INTERLACED] if interlaced else []
    if transfer:
        what = "its HDR colours are read as if they were SDR, and look flat. Convert them first (zscale, tonemap)"
        found.append(f"has the HDR transfer function {transfer}: {what}")
    if bits > 8:
        found.append(f"has {bits} bits a channel, of which 8 are read")
    if hidden:
        found.append(
            "has transparency, which is not read: the colours that it hides show. Lay it over a background first"
        )
    return found
