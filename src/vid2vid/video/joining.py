"""One video of several, packet by packet, with the sound of another: nothing is encoded again that need not be."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from fractions import Fraction
from heapq import merge
from pathlib import Path
from typing import Any, TypeAlias

from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from vid2vid.errors import VideoError
from vid2vid.video.decoding import opening
from vid2vid.video.encoder import naming, replacing
from vid2vid.video.folder import is_folder

_Packet: TypeAlias = "Packet[Any]"


def has_sound(path: Path) -> bool:
    """Whether a file is a video with sound.

    Raises:
        VideoError: It cannot be read.
    """
    if is_folder(path):
        return False
    with opening(path) as (container, _):
        return bool(container.streams.audio)


def join_videos(parts: Sequence[Path], output: Path, sound: Path | None = None) -> None:
    """Put videos that were encoded alike after each other, without encoding them again.

    Args:
        parts: Files of one codec, size and frame rate, as `VideoWriter` makes them.
        output: The file; it appears when it is whole.
        sound: A video whose sound is laid under, from its first frame on and no longer than the result: as it is where
            the container of the output allows its codec, else encoded anew as AAC.

    Raises:
        VideoError: There is no part, or a file cannot be read or written.
    """
    if not parts:
        raise VideoError(f"{output}: no frame was given; a video needs at least one.")
    with ExitStack() as stack:
        target = stack.enter_context(replacing(output))
        _, video = stack.enter_context(opening(parts[0]))
        rate = Fraction(video.average_rate or 25)
        streams = [_video(parts, target, target.add_stream_from_template(video), rate)]
        if sound is not None:
            container, pictures = stack.enter_context(opening(sound))
            length = sum(map(_frames, parts)) / rate
            streams.append(_sound(container, pictures, target, length))
        for packet in merge(*streams, key=_time):
            with naming(output):
                target.mux(packet)


def _frames(path: Path) -> int:
    with opening(path) as (container, stream):
        return stream.frames or sum(packet.size > 0 for packet in container.demux(stream))


def _video(parts: Sequence[Path], target: OutputContainer, stream: VideoStream, rate: Fraction) -> Iterator[_Packet]:
    count = 0
    for part in parts:
        begin = count / rate
        with opening(part) as (container, source):
            for packet in container.demux(source):
                if packet.size:
                    _shift(packet, begin)
                    packet.stream = stream
                    count += 1
                    yield packet


def _sound(
    container: InputContainer, pictures: VideoStream, target: OutputContainer, length: Fraction
) -> Iterator[_Packet]:
    """Return the packets of a container's sound, counted from its first picture."""
    source = container.streams.audio[0]
    begin = Fraction(pictures.start_time or 0) * (pictures.time_base or 0)
    if source.codec_context.name in target.supported_codecs:
        packets = _copied(container, source, target.add_stream_from_template(source))
    else:
        packets = _encoded(container, source, _aac(target, source))
    return _within(packets, begin, length)


def _copied(container: InputContainer, source: AudioStream, stream: AudioStream) -> Iterator[_Packet]:
    for packet in container.demux(source):
        if packet.size:
            packet.stream = stream
            yield packet


def _encoded(container: InputContainer, source: AudioStream, stream: AudioStream) -> Iterator[_Packet]:
    for frame in container.decode(source):
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _aac(target: OutputContainer, source: AudioStream) -> AudioStream:
    return target.add_stream("aac", rate=source.rate, layout=source.codec_context.layout)


def _within(packets: Iterator[_Packet], begin: Fraction, length: Fraction) -> Iterator[_Packet]:
    for packet in packets:
        _shift(packet, -begin)
        if _time(packet) >= length:
            return
        # the decoder of AAC needs the packet before the first that is heard
        if _time(packet) >= -(packet.duration or 0) * packet.time_base:
            yield packet


def _shift(packet: _Packet, seconds: Fraction) -> None:
    ticks = round(seconds / packet.time_base)
    packet.pts = None if packet.pts is None else packet.pts + ticks
    packet.dts = None if packet.dts is None else packet.dts + ticks


def _time(packet: _Packet) -> Fraction:
    ticks = packet.pts if packet.dts is None else packet.dts
    return (ticks or 0) * packet.time_base
