"""The checksums inside FFV1, the home of label maps and ids: FFmpeg paints over slices that fail, and says nothing."""

import zlib

_MIRRORED = bytes(int(f"{octet:08b}"[::-1], 2) for octet in range(256))
# RFC 9043: a slice ends with its size (3 bytes), a state (1) and a checksum (4); the size does not count these.
_FOOTER = 8


class SliceChecks:
    """Looks at the packets of an FFV1 stream one after the other.

    Either all of them carry checksums, as those of version 3 do by default, or none does and then none passes.
    """

    def __init__(self) -> None:
        self._outcomes: set[bool] = set()

    def agree(self, packet: bytes) -> bool:
        """Return whether this packet passes as all before it did, or fails as all before it did."""
        self._outcomes.add(_passes(packet))
        return len(self._outcomes) == 1


def _passes(packet: bytes) -> bool:
    """Follow the slices from the last to the first and check each."""
    stop = len(packet)
    while stop >= _FOOTER:
        size = int.from_bytes(packet[stop - _FOOTER : stop - _FOOTER + 3], "big")
        start = stop - _FOOTER - size
        if start < 0 or _checksum(packet[start:stop]) != 0:
            return False
        stop = start
    return stop == 0


def _checksum(data: bytes) -> int:
    """Return the CRC-32 of FFV1: that of zip, but from the highest bit to the lowest, from zero, not inverted."""
    return zlib.crc32(data.translate(_MIRRORED), 0xFFFFFFFF) ^ 0xFFFFFFFF
