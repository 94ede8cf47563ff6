"""Judging videos that lie in folders, whoever made them, against the real ones of the same names."""

from collections.abc import Iterator, Mapping
from itertools import islice, zip_longest
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from vid2vid.config import EvaluationConfig, FlowEstimatorConfig
from vid2vid.data.prepare import list_videos
from vid2vid.errors import ConfigError, DataError, VideoError
from vid2vid.evaluation.exhibits import SHEET_CLIPS
from vid2vid.evaluation.footage import Footage
from vid2vid.evaluation.jury import Jury
from vid2vid.evaluation.measures import REAL
from vid2vid.evaluation.outcome import check_names, save_verdict
from vid2vid.evaluation.verdict import Verdict
from vid2vid.flow import FlowEstimator, load_flow_estimator
from vid2vid.ops import to_images
from vid2vid.types import Flow
from vid2vid.video import Header, VideoWriter, stream_frames
from vid2vid.visual import Picture, captioned, contact_sheet, save_png

PART = 16
"""Frames of a video that are in memory at once."""

Frames = dict[str, NDArray[np.uint8]]


def judge_folders(
    generated: Mapping[str, Path],
    real: Path,
    output: Path,
    judging: EvaluationConfig | None = None,
    flow_estimator: FlowEstimatorConfig | None = None,
    given: int = 0,
    device: torch.device | str = "cpu",
) -> Verdict:
    """Judge videos of some folders beside each other; they are read part by part, whatever their length.

    Writes ``metrics.json``, ``metrics.md``, ``curves.png`` (with the extra ``plots``), ``sheet.png`` and for each video
    ``videos/NAME.mp4`` (each folder's frames beside the real ones) into ``output``.

    Args:
        generated: The folders by name. Each holds videos, files or folders of images, and all of them the same ones; or
            it is itself a folder of images or a video file.
        real: The folder of the real videos, each of the size and length of its counterparts; it may hold more.
        output: The folder to write into.
        judging: By what they are judged; nobody looks for labels or objects, which are not known.
        flow_estimator: Who computes the flow of the real videos.
        given: How many first frames of each video are real ones and do not count.
        device: Where the networks compute.

    Raises:
        DataError: A video is missing, or cannot be read, or differs from the real one in size or length.
        ConfigError: A name or a setting cannot be used.
    """
    check_names(generated)
    config = judging or EvaluationConfig()
    if config.segmenter:
        raise ConfigError("segmenter: the labels that videos in folders should show are not known; leave it out.")
    pairs = _pairs(generated, real)
    shortest = min(_length(paths[REAL]) for paths in pairs.values()) - given
    jury = Jury(config, shortest, device)
    flow = load_flow_estimator(flow_estimator or FlowEstimatorConfig())
    frames = 0
    for i, (name, paths) in enumerate(tqdm(pairs.items(), desc="evaluate", unit="video")):
        jury.begin()
        strips = {candidate: _Thinned() for candidate in paths}
        with VideoWriter(output / "videos" / f"{name}.mp4", Header.read(paths[REAL]).fps) as writer:
            for part, seen in _parts(paths, given):
                _see(jury, part, seen, flow, device)
                fresh = {candidate: pictures[seen:] for candidate, pictures in part.items()}
                frames += _show(fresh, writer, strips)
        if i < SHEET_CLIPS:
            sheet = contact_sheet({candidate: strip.kept for candidate, strip in strips.items()}, title=name)
            save_png(output / ("sheet.png" if i == 0 else f"sheet_{i + 1}.png"), sheet)
    verdict = jury.verdict([*generated], [], given, {"judged_frames": frames, "given_frames": given})
    save_verdict(verdict, output)
    return verdict


def _see(jury: Jury, part: Frames, given: int, flow_estimator: FlowEstimator, device: torch.device | str) -> None:
    videos = {name: _video(frames).to(device) for name, frames in part.items()}
    real = videos.pop(REAL)
    flow = flow_estimator(real[0, :-1], real[0, 1:])
    jury.see(videos, Footage(real, Flow(flow.vectors[None], flow.confidence[None]), given))


def _show(part: Frames, writer: VideoWriter, strips: Mapping[str, "_Thinned"]) -> int:
    """Add frames to the video and to the sheet; their number is returned."""
    for pictures in zip(*part.values(), strict=True):
        column = dict(zip(part, pictures, strict=True))
        writer.write(captioned(column))
        for candidate, picture in column.items():
            strips[candidate].add(picture)
    return len(part[REAL])


def _video(frames: NDArray[np.uint8]) -> Tensor:
    return to_images(torch.from_numpy(frames).permute(0, 3, 1, 2))[None]


def _pairs(generated: Mapping[str, Path], real: Path) -> dict[str, dict[str, Path]]:
    """Return for each video's name the paths of each candidate and of the real one.

    Raises:
        DataError: One is missing.
    """
    found = {name: _videos(folder) for name, folder in {**generated, REAL: real}.items()}
    alone = {name: next(iter(videos)) for name, videos in found.items() if len(videos) == 1}
    if len(alone) == len(found):
        # one of each: whatever they are called
        return {alone[REAL]: {name: videos[alone[name]] for name, videos in found.items()}}
    wanted = dict.fromkeys(video for name in generated for video in found[name])
    for name, folder in {**generated, REAL: real}.items():
        missing = [video for video in wanted if video not in found[name]]
        if missing:
            raise DataError(f"{folder}: has no video called {', '.join(missing)}; videos are paired by their names.")
    return {video: {name: found[name][video] for name in found} for video in wanted}


def _videos(folder: Path) -> dict[str, Path]:
    if not folder.exists():
        raise VideoError(f"{folder}: there is no such file or folder.")
    return list_videos(folder)


def _length(path: Path) -> int:
    """Return how many frames a video has by its own account, or very many if it does not say."""
    return Header.read(path).frames or 2**31


def _parts(paths: Mapping[str, Path], given: int) -> Iterator[tuple[Frames, int]]:
    """Read videos part by part.

    Yields:
        The frames ``(T, H, W, 3)`` of each, and how many first ones do not count: those given, or the one that the part
        before ended with.

    Raises:
        DataError: They differ in size or length, or are too short.
    """
    columns = _columns(paths)
    begin = list(islice(columns, max(PART, given + 2)))
    if len(begin) <= max(given, 1):
        raise DataError(f"{paths[REAL]}: has {len(begin)} frames, but {max(given, 1)} + 1 are the least.")
    yield _stacked(begin), given
    last = begin[-1]
    while following := list(islice(columns, PART)):
        yield _stacked([last, *following]), 1
        last = following[-1]


def _stacked(columns: list[Frames]) -> Frames:
    return {name: np.stack([column[name] for column in columns]) for name in columns[0]}


def _columns(paths: Mapping[str, Path]) -> Iterator[Frames]:
    """Yield the frames of all videos at each time."""
    for index, column in enumerate(zip_longest(*map(stream_frames, paths.values()))):
        frames = dict(zip(paths, column, strict=True))
        for name, frame in frames.items():
            _check(frame, frames[REAL], paths[name], paths[REAL], index)
        yield frames


def _check(
    frame: NDArray[np.uint8] | None, real: NDArray[np.uint8] | None, path: Path, real_path: Path, index: int
) -> None:
    if frame is None or real is None:
        if frame is real:
            return
        short, long = (path, real_path) if frame is None else (real_path, path)
        raise DataError(f"{short}: ends after {index} frames, but {long} goes on; they must be equally long.")
    if frame.shape != real.shape:
        sizes = [f"{shape[1]}x{shape[0]}" for shape in (frame.shape, real.shape)]
        raise DataError(
            f"{path}: is {sizes[0]}, but {real_path} is {sizes[1]} (width x height); bring both to one size."
        )


class _Thinned:
    """Pictures evenly spread over a video whose length is not known: some more than a sheet shows."""

    LIMIT = 32

    def __init__(self) -> None:
        self.kept: list[Picture] = []
        self._step, self._seen = 1, 0

    def add(self, picture: Picture) -> None:
        """Keep a picture, or not."""
        if self._seen % self._step == 0:
            self.kept.append(picture)
        self._seen += 1
        if len(self.kept) > self.LIMIT:
            self.kept = self.kept[::2]
            self._step *= 2
