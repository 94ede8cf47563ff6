"""decord gets those files only that PyAV has decoded, and whose streams are on the list."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import av
import decord
import numpy as np
import pytest
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from vid2vid.errors import VideoError
from vid2vid.video import decoding, exact_path, inspect, open_frames, stream_frames, write_labels, write_video
from vid2vid.video.allow_list import refusal

Encode = Callable[..., Path]
Frames = list[NDArray[np.uint8]]


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What decord was given."""
    paths: list[str] = []
    real = decord.VideoReader

    def recorded(path: str, **options: int) -> object:
        paths.append(path)
        return real(path, **options)

    monkeypatch.setattr(decord, "VideoReader", recorded)
    return paths


def with_sound(path: Path, codec: Literal["aac", "ac3"], video: Path) -> Path:
    with av.open(str(video)) as source, av.open(str(path), "w") as target:
        frames = source.streams.video[0]
        picture, sound = target.add_stream_from_template(frames), target.add_stream(codec, rate=48000)
        assert isinstance(sound, AudioStream)
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        silence.rate = 48000
        resampler = av.AudioResampler(sound.format.name, "mono", 48000)
        for packet in source.demux(frames):
            if packet.size:
                packet.stream = picture
                target.mux(packet)
        for frame in resampler.resample(silence):
            target.mux(sound.encode(frame))
        target.mux(sound.encode(None))
    return path


def test_no_damaged_file_reaches_decord(moving: Frames, given: list[str], tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    write_video(path, moving, fps=25)
    data = bytearray(path.read_bytes())
    data[-800:-400] = bytes(400)
    path.write_bytes(data)
    for look in (open_frames, inspect, lambda path: exact_path(path, tmp_path / "cache")):
        with pytest.raises(VideoError, match=r"a\.mp4: frame \d+ .*damaged"):
            look(path)
    assert given == []


def test_decord_waits_for_pyav(
    moving: Frames, given: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.mp4"
    seen: list[int] = []
    write_video(path, moving, fps=25)
    decoded = decoding._decoded

    def counted(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
        for frame in decoded(container, stream):
            seen.append(len(given))
            yield frame

    monkeypatch.setattr(decoding, "_decoded", counted)
    np.testing.assert_array_equal(open_frames(path).read([3])[0], list(stream_frames(path))[3])
    assert seen[: len(moving)] == [0] * len(moving)
    assert set(given) == {str(path)}


@pytest.mark.parametrize("name", ["a.avi", "a.ts", "a.mp4"])
def test_what_is_not_on_the_list_is_read_from_a_copy(
    encode: Encode, given: list[str], name: str, tmp_path: Path
) -> None:
    path = encode(tmp_path / name, "mpeg4", {"g": "12"})
    truth = np.stack(list(stream_frames(path)))
    np.testing.assert_array_equal(open_frames(path).read(range(len(truth))), truth)
    assert given
    assert str(path) not in given


def test_messages_name_the_file_and_not_its_copy(encode: Encode, tmp_path: Path) -> None:
    path = encode(tmp_path / "a.avi", "mpeg4", {"g": "12"})
    with pytest.raises(VideoError, match=r"a\.avi: there is no frame 99; it has 60"):
        open_frames(path).read([99])


def test_other_streams_count_too(moving: Frames, encode: Encode, tmp_path: Path) -> None:
    write_video(tmp_path / "a.mkv", moving[:5], fps=25)
    write_labels(tmp_path / "labels.mkv", [moving[0][..., 0]], fps=25)
    assert refusal(tmp_path / "a.mkv") == refusal(tmp_path / "labels.mkv") == ""
    assert refusal(with_sound(tmp_path / "aac.mkv", "aac", tmp_path / "a.mkv")) == ""
    rare = with_sound(tmp_path / "rare.mkv", "ac3", tmp_path / "a.mkv")
    assert refusal(rare) == "audio of the codec ac3 is not given to decord"
    assert not inspect(rare).exact
    assert refusal(encode(tmp_path / "b.avi", "libx264")) == "files of the format avi are not given to decord"
