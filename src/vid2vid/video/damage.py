"""Checks for damage that FFmpeg does not report: the structure of containers, and the checksums inside FFV1.

In Matroska, AVI and MPEG-TS, FFmpeg skips what it does not understand, and frames are lost. In MP4, which has a table
of all frames, FFmpeg itself notices missing ones. In FFV1, the codec of label maps and ids, it fills slices whose
checksum fails with earlier pixels.
"""

import mmap
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from vid2vid.errors import VideoError

DAMAGED = "the file is damaged: write or fetch it again."
"""The end of a message about a file whose content cannot be decoded."""

_SEGMENT, _CLUSTER = 0x18538067, 0x1F43B675
_TS_MARK = b"\x47"
_TS_PACKETS = (188, 192, 204)  # bytes: bare, with times, with checksums
_TS_SURE = 6  # marks in a row that cannot be a coincidence
_MIRRORED = bytes(int(f"{octet:08b}"[::-1], 2) for octet in range(256))
# RFC 9043: a slice ends with its size (3 bytes), a state (1) and a checksum (4); the size does not include these.
_FOOTER = 8


class DamageError(Exception):
    """A part of a file is missing or altered. Callers turn it into a `VideoError` that names the file."""


class SliceChecksums:
    """Checks the packets of an FFV1 stream, in order.

    Either all packets have valid checksums, as version 3 writes them by default, or the stream has no checksums, and
    the check of every packet fails.
    """

    def __init__(self) -> None:
        self._outcomes: set[bool] = set()

    def check(self, packet: bytes) -> None:
        """Check the slices of the next packet, from the last to the first.

        Raises:
            DamageError: The check fails although earlier packets passed, or passes although they failed.
        """
        stop = len(packet)
        while stop >= _FOOTER:
            size = int.from_bytes(packet[stop - _FOOTER : stop - _FOOTER + 3], "big")
            start = stop - _FOOTER - size
            # FFV1's CRC-32 has the polynomial of zip's, but starts at the highest bit, from zero, and is not inverted
            if start < 0 or zlib.crc32(packet[start:stop].translate(_MIRRORED), 0xFFFFFFFF) != 0xFFFFFFFF:
                break
            stop = start
        self._outcomes.add(stop == 0)
        if len(self._outcomes) > 1:
            raise DamageError("a part of it is lost or altered")


def require_whole(path: Path, container: str) -> None:
    """Walk through the elements of a container file, without decoding them.

    Args:
        path: The file, not empty.
        container: FFmpeg's name of the format, such as ``matroska,webm``.

    Raises:
        VideoError: The file ends inside an element, or an element reaches beyond the end of its parent.
    """
    walk = _WALKS.get(container)
    if walk is None:
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            walk(data)
        except DamageError as error:
            raise VideoError(
                f"{path}: was cut short or damaged: {error}. Fetch the file again, or save what is left of it with: "
                f"ffmpeg -i {path.name} -c copy saved{path.suffix}"
            ) from None


def _walk_matroska(data: mmap.mmap) -> None:
    _, size, position = _element(data, 0)  # the EBML head
    position += size or 0
    name, size, position = _element(data, position)
    if name != _SEGMENT or size is None:  # a live stream of unknown length may end anywhere
        return
    end = _inside(position + size, len(data), "file")
    for name, start, stop in _elements(data, position, end):
        if name == _CLUSTER:
            for _ in _elements(data, start, stop):
                pass


def _elements(data: mmap.mmap, position: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield the name, start and stop of each element in a part of the file that elements must fill."""
    while position < end:
        name, size, start = _element(data, position)
        if size is None:
            if name == _CLUSTER:  # as live streams have it
                return
            raise DamageError(f"no element starts at byte {position}")
        position = _inside(start + size, end, "element around it")
        yield name, start, position


def _element(data: mmap.mmap, position: int) -> tuple[int, int | None, int]:
    """Return the name of an element, its size (None: unknown), and where its content starts."""
    octets = _number_length(data, position, 4)
    name = int.from_bytes(data[position : position + octets], "big")
    position += octets
    octets = _number_length(data, position, 8)
    size = int.from_bytes(data[position : position + octets], "big") - (1 << 7 * octets)
    return name, None if size == (1 << 7 * octets) - 1 else size, position + octets


def _number_length(data: mmap.mmap, position: int, longest: int) -> int:
    """Return the number of bytes of a Matroska number: one more than its leading zero bits."""
    octets = 9 - data[position].bit_length() if position < len(data) else longest + 1
    if octets > longest or position + octets > len(data):
        raise DamageError(f"no element starts at byte {position}")
    return octets


def _walk_avi(data: mmap.mmap) -> None:
    position = 0
    while data[position : position + 4] == b"RIFF":  # a large file has several
        size = int.from_bytes(data[position + 4 : position + 8], "little")
        if size == 0:  # the writer did not finish, so the size is unknown
            return
        end = _inside(position + 8 + size, len(data), "file")
        _walk_chunks(data, position + 12, end)
        position = end + end % 2


def _walk_chunks(data: mmap.mmap, position: int, end: int) -> None:
    """Walk through the chunks in a part of the file that chunks must fill, and through the lists of frames in it."""
    while position + 8 <= end:
        name = data[position : position + 4]
        stop = position + 8 + int.from_bytes(data[position + 4 : position + 8], "little")
        _inside(stop, end, "list around it")
        if name == b"LIST" and data[position + 8 : position + 12] in (b"movi", b"rec "):
            _walk_chunks(data, position + 12, stop)
        position = stop + stop % 2


def _walk_ts(data: mmap.mmap) -> None:
    # a recording may begin within a packet
    for size, start in [(length, first) for length in _TS_PACKETS for first in range(length)]:
        marks = data[start : start + _TS_SURE * size : size]
        if marks and not marks.strip(_TS_MARK):
            break
    else:
        raise DamageError("no packets are found in it")
    marks = data[start::size]
    lost = len(marks) - len(marks.lstrip(_TS_MARK))
    if lost < len(marks):
        raise DamageError(f"no packet starts at byte {start + lost * size}")
    if (len(data) - start) % size not in (0, _TS_PACKETS[0]):
        raise DamageError("it ends within a packet")


def _inside(stop: int, end: int, what: str) -> int:
    if stop > end:
        raise DamageError(f"a part of it should end at byte {stop}, but the {what} ends at {end}")
    return stop


_WALKS: dict[str, Callable[[mmap.mmap], None]] = {
    "matroska,webm": _walk_matroska,
    "avi": _walk_avi,
    "mpegts": _walk_ts,
}
