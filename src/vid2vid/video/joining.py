"""Concatenation of videos without re-encoding, with the sound of another video, which is re-encoded only if needed."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from fractions import Fraction
from heapq import merge
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias

from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from vid2vid.errors import VideoError
from vid2vid.video.decoding import open_container
from vid2vid.video.encoding import output_container, write_errors
from vid2vid.video.images import is_folder
from vid2vid.video.timing import Times, seconds_at

_Packet: TypeAlias = "Packet[Any]"


def has_sound(path: Path) -> bool:
    """Whether a file is a video with sound.

    Raises:
        VideoError: The file cannot be read.
    """
    if is_folder(path):
        return False
    with open_container(path) as (container, _):
        return bool(container.streams.audio)


def join_videos(parts: Sequence[Path], output: Path, sound: Path | None = None, times: Times = None) -> None:
    """Concatenate videos of the same encoding, without re-encoding them.

    Args:
        parts: Files with one codec, size and frame rate, as `VideoWriter` writes them.
        output: The file to write; it appears when it is complete.
        sound: A video whose sound is added, from its first frame on, cut to the length of the result. It is copied if
            the container of the output allows its codec, and otherwise encoded as AAC.
        times: When the frames of the result are shown, if the rate is not constant; each part must have been written
            with its own times, counted from its first frame.

    Raises:
        VideoError: There are no parts, or a file cannot be read or written.
    """
    if not parts:
        raise VideoError(f"{output}: no frame was given; a video needs at least one.")
    with ExitStack() as stack:
        target = stack.enter_context(output_container(output))
        _, video = stack.enter_context(open_container(parts[0]))
        rate = Fraction(video.average_rate or 25)

        def start(frame: int) -> Fraction:
            return frame / rate if times is None else Fraction(seconds_at(times, float(rate), frame))

        streams = [_video_packets(parts, target.add_stream_from_template(video), start)]
        if sound is not None:
            frames = 0
            for part in parts:
                with open_container(part) as (container, stream):
                    frames += stream.frames or sum(packet.size > 0 for packet in container.demux(stream))
            container, pictures = stack.enter_context(open_container(sound))
            begin = Fraction(pictures.start_time or 0) * (pictures.time_base or 0)
            streams.append(_clipped(_sound_packets(container, target), begin, start(frames)))
        for packet in merge(*streams, key=_time):
            with write_errors(output):
                target.mux(packet)


def _video_packets(parts: Sequence[Path], stream: VideoStream, start: Callable[[int], Fraction]) -> Iterator[_Packet]:
    count = 0
    for part in parts:
        begin = start(count)
        with open_container(part) as (container, source):
            for packet in container.demux(source):
                if packet.size:
                    _shift(packet, begin)
                    packet.stream = stream
                    count += 1
                    yield packet


def _sound_packets(container: InputContainer, target: OutputContainer) -> Iterator[_Packet]:
    """Return the packets of a container's sound for a new stream of the target, copied or re-encoded as AAC."""
    source = container.streams.audio[0]
    if source.codec_context.name in target.supported_codecs:
        stream = target.add_stream_from_template(source)
        return _copied(container.demux(source), stream)
    encoder = target.add_stream("aac", rate=source.rate, layout=source.codec_context.layout)
    return (packet for frame in chain(container.decode(source), [None]) for packet in encoder.encode(frame))


def _copied(packets: Iterator[_Packet], stream: AudioStream) -> Iterator[_Packet]:
    for packet in packets:
        if packet.size:
            packet.stream = stream
            yield packet


def _clipped(packets: Iterator[_Packet], begin: Fraction, length: Fraction) -> Iterator[_Packet]:
    """Shift packets to begin at time 0, and drop those before it and after ``length`` seconds."""
    for packet in packets:
        _shift(packet, -begin)
        if _time(packet) >= length:
            return
        # AAC's decoder needs the packet before the first audible one
        if _time(packet) >= -(packet.duration or 0) * packet.time_base:
            yield packet


def _shift(packet: _Packet, seconds: Fraction) -> None:
    ticks = round(seconds / packet.time_base)
    packet.pts = None if packet.pts is None else packet.pts + ticks
    packet.dts = None if packet.dts is None else packet.dts + ticks


def _time(packet: _Packet) -> Fraction:
    ticks = packet.pts if packet.dts is None else packet.dts
    return (ticks or 0) * packet.time_base
