"""Is a file whole? Its boxes are followed from end to end, because FFmpeg steps over what is damaged and says nothing.

In Matroska, AVI and MPEG-TS it looks for the next thing that it understands, and the frames between are missing. MP4
has a table of all frames, so there FFmpeg itself notices.
"""

import mmap
from collections.abc import Callable, Iterator
from pathlib import Path

from vid2vid.errors import VideoError

_SEGMENT, _CLUSTER = 0x18538067, 0x1F43B675
_TS_MARK = b"\x47"
_TS_PACKETS = (188, 192, 204)  # bytes: bare, with times, with checksums
_TS_SURE = 6  # so many marks in a row are no coincidence


def require_whole(path: Path, container: str) -> None:
    """Follow the boxes of a file, without looking into them.

    Args:
        path: The file, not empty.
        container: FFmpeg's name of the format, such as ``matroska,webm``.

    Raises:
        VideoError: The file ends inside a box, or a box does not end where the one around it does.
    """
    walk = _WALKS.get(container)
    if walk is None:
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            walk(data)
        except _BrokenError as error:
            raise VideoError(
                f"{path}: was cut short or damaged: {error}. Fetch the file again, or save what is left of it with: "
                f"ffmpeg -i {path.name} -c copy saved{path.suffix}"
            ) from None


class _BrokenError(Exception):
    """Something is not where it should be."""


def _matroska(data: mmap.mmap) -> None:
    _, size, position = _element(data, 0)  # the EBML head
    position += size or 0
    name, size, position = _element(data, position)
    if name != _SEGMENT or size is None:  # a stream of unknown length, which may end anywhere
        return
    end = _inside(position + size, len(data), "file")
    for name, start, stop in _elements(data, position, end):
        if name == _CLUSTER:
            for _ in _elements(data, start, stop):
                pass


def _elements(data: mmap.mmap, position: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield name, start and stop of each of the elements that fill a part of the file."""
    while position < end:
        name, size, start = _element(data, position)
        if size is None:
            if name == _CLUSTER:  # of a recording that was streamed
                return
            raise _BrokenError(f"no element starts at byte {position}")
        position = _inside(start + size, end, "element around it")
        yield name, start, position


def _element(data: mmap.mmap, position: int) -> tuple[int, int | None, int]:
    """Return name and size (None: unknown) of an element, and where its content starts."""
    octets = _length(data, position, 4)
    name = int.from_bytes(data[position : position + octets], "big")
    position += octets
    octets = _length(data, position, 8)
    size = int.from_bytes(data[position : position + octets], "big") - (1 << 7 * octets)
    return name, None if size == (1 << 7 * octets) - 1 else size, position + octets


def _length(data: mmap.mmap, position: int, longest: int) -> int:
    """Return the number of bytes of a Matroska number: one more than there are zeros before its first one."""
    octets = 9 - data[position].bit_length() if position < len(data) else longest + 1
    if octets > longest or position + octets > len(data):
        raise _BrokenError(f"no element starts at byte {position}")
    return octets


def _avi(data: mmap.mmap) -> None:
    position = 0
    while data[position : position + 4] == b"RIFF":  # a large file has several
        size = int.from_bytes(data[position + 4 : position + 8], "little")
        if size == 0:  # was never finished, so it tells nothing
            return
        end = _inside(position + 8 + size, len(data), "file")
        _chunks(data, position + 12, end)
        position = end + end % 2


def _chunks(data: mmap.mmap, position: int, end: int) -> None:
    """Follow the chunks that fill a part of the file, and those in the lists that hold the frames."""
    while position + 8 <= end:
        name = data[position : position + 4]
        stop = position + 8 + int.from_bytes(data[position + 4 : position + 8], "little")
        _inside(stop, end, "list around it")
        if name == b"LIST" and data[position + 8 : position + 12] in (b"movi", b"rec "):
            _chunks(data, position + 12, stop)
        position = stop + stop % 2


def _ts(data: mmap.mmap) -> None:
    size, start = _packets(data)
    marks = data[start::size]
    lost = len(marks) - len(marks.lstrip(_TS_MARK))
    if lost < len(marks):
        raise _BrokenError(f"no packet starts at byte {start + lost * size}")
    if (len(data) - start) % size not in (0, _TS_PACKETS[0]):
        raise _BrokenError("it ends within a packet")


def _packets(data: mmap.mmap) -> tuple[int, int]:
    """Return the size of the packets, and where the first starts, since a recording may begin within one."""
    for size in _TS_PACKETS:
        for start in range(size):
            marks = data[start : start + _TS_SURE * size : size]
            if marks and not marks.strip(_TS_MARK):
                return size, start
    raise _BrokenError("its packets have no order")


def _inside(stop: int, end: int, what: str) -> int:
    if stop > end:
        raise _BrokenError(f"something that should end at byte {stop} is in a {what} that ends at {end}")
    return stop


_WALKS: dict[str, Callable[[mmap.mmap], None]] = {"matroska,webm": _matroska, "avi": _avi, "mpegts": _ts}
