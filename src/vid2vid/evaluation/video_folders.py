"""Evaluation of videos of any origin in folders, against the real ones of the same names."""

from collections.abc import Iterator, Mapping
from itertools import islice, zip_longest
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from vid2vid.config import EvaluationConfig, FlowEstimatorConfig
from vid2vid.data.prepare import list_videos, unused_files
from vid2vid.errors import ConfigError, DataError, VideoError
from vid2vid.evaluation.evaluator import Evaluator
from vid2vid.evaluation.report import REAL, Report, check_names, result_files
from vid2vid.evaluation.sample_writer import save_sheet
from vid2vid.files import refuse_overwriting
from vid2vid.flow.estimator import FlowEstimator
from vid2vid.flow.loading import load_flow_estimator
from vid2vid.metrics.clip_metric import ReferenceClip
from vid2vid.ops import to_images
from vid2vid.types import Flow
from vid2vid.video import Header, VideoWriter, stream_frames
from vid2vid.visual import Picture, captioned

FRAMES_IN_MEMORY = 16
"""Number of frames that are read at once."""

Frames = dict[str, NDArray[np.uint8]]
"""For each candidate a frame ``(H, W, 3)``, or several ``(T, H, W, 3)``."""


def evaluate_folders(
    generated: Mapping[str, Path],
    real: Path,
    output: Path,
    config: EvaluationConfig | None = None,
    flow_estimator: FlowEstimatorConfig | None = None,
    given: int = 0,
    device: torch.device | str = "cpu",
) -> Report:
    """Evaluate the videos of some folders; they are read part by part and may have any length.

    Writes ``metrics.json``, ``metrics.md``, ``curves.png`` (with the extra ``plots``), ``sheet.png`` and for each video
    ``videos/NAME.mp4`` (each folder's frames beside the real ones) into ``output``.

    Args:
        generated: The folders by name. All hold videos (files, or folders of images) of the same names; or each is
            itself a folder of images or a video file.
        real: The folder of the real videos, each of the size and length of its counterparts; it may hold more.
        output: The folder to write into.
        config: The settings; there are no scores of labels and objects, which are not known.
        flow_estimator: Computes the flow of the real videos.
        given: Number of given first frames of each video: they are real, and do not count.
        device: Where the networks compute.

    Returns:
        The report.

    Raises:
        DataError: A video is missing, or cannot be read, or differs from the real one in size or length.
        ConfigError: A name or a setting cannot be used, or an output is a file that is read.
    """
    check_names(generated)
    config = config or EvaluationConfig()
    for key in ("segmenter", "classes"):
        if getattr(config, key):
            raise ConfigError(f"{key}: the labels of videos in folders are not known; leave it out.")
    refuse_overwriting(result_files(output), [*generated.values(), real])
    pairs, notes = _pair_by_name({**generated, REAL: real})
    # a header that does not tell the length limits nothing
    shortest = min(Header.read(paths[REAL]).frames or 2**31 for paths in pairs.values()) - given
    evaluator = Evaluator(config, shortest, device)
    evaluator.setup.notes.extend(notes)
    estimate = load_flow_estimator(flow_estimator or FlowEstimatorConfig())
    evaluated = 0
    for index, (name, paths) in enumerate(tqdm(pairs.items(), desc="evaluate", unit="video")):
        sheets = {candidate: _SheetPictures() for candidate in paths}
        with VideoWriter(output / "videos" / f"{name}.mp4", Header.read(paths[REAL]).fps) as writer:
            for part, past in read_parts(paths, given):
                _measure(evaluator, estimate, part, past, sheets[REAL].seen > 0, device)
                for pictures in zip(*(frames[past:] for frames in part.values()), strict=True):
                    writer.write(captioned(dict(zip(part, pictures, strict=True))))
                    for each, picture in zip(sheets.values(), pictures, strict=True):
                        each.add(picture)
        evaluated += sheets[REAL].seen
        save_sheet(output, index, {candidate: each.kept for candidate, each in sheets.items()}, title=name)
    counts = {"evaluated_frames": evaluated, "given_frames": given}
    report = evaluator.report([*generated], [], given, counts)
    report.save(output)
    return report


def _measure(
    evaluator: Evaluator, estimate: FlowEstimator, part: Frames, past: int, continues: bool, device: torch.device | str
) -> None:
    """Measure a part of a video, of which the first ``past`` frames do not count."""
    videos = {
        candidate: to_images(torch.from_numpy(frames).permute(0, 3, 1, 2))[None].to(device)
        for candidate, frames in part.items()
    }
    real = videos.pop(REAL)
    flow = estimate(real[0, :-1], real[0, 1:])
    flow = Flow(flow.vectors[None], flow.confidence[None])
    evaluator.update(videos, ReferenceClip(real, flow, past, continues=continues))


def _pair_by_name(folders: Mapping[str, Path]) -> tuple[dict[str, dict[str, Path]], list[str]]:
    """Return by the name of each video its path in each folder, and notes for the user.

    Raises:
        DataError: A video is missing in a folder.
    """
    for folder in folders.values():
        if not folder.exists():
            raise VideoError(f"{folder}: there is no such file or folder; check the path.")
    found = {name: list_videos(folder) for name, folder in folders.items()}
    notes = [f"{folder}: {others}" for folder in folders.values() if (others := unused_files(folder))]
    if all(len(videos) == 1 for videos in found.values()):
        # a single video of each is compared, whatever its name
        paths = {name: next(iter(videos.values())) for name, videos in found.items()}
        (real,) = found[REAL]
        for name, path in paths.items():
            if path.stem != real:
                notes.append(f"{path} is compared with {paths[REAL]}, though their names differ ({name})")
        return {real: paths}, notes
    wanted = dict.fromkeys(video for name in found if name != REAL for video in found[name])
    for name, folder in folders.items():
        missing = [video for video in wanted if video not in found[name]]
        if missing:
            raise DataError(f"{folder}: has no video called {', '.join(missing)}; videos are paired by their names.")
    if unpaired := [video for video in found[REAL] if video not in wanted]:
        some = ", ".join(unpaired[:3]) + (", ..." if len(unpaired) > 3 else "")
        notes.append(f"{folders[REAL]}: {len(unpaired)} real videos have no generated one and are left out: {some}")
    return {video: {name: found[name][video] for name in found} for video in wanted}, notes


def read_parts(paths: Mapping[str, Path], given: int) -> Iterator[tuple[Frames, int]]:
    """Read videos of equal size and length part by part.

    Args:
        paths: The videos by name, the real one among them.
        given: Number of first frames that do not count.

    Yields:
        The frames ``(T, H, W, 3)`` of each, and the number of first ones that do not count: the given ones, or the last
        one of the part before, which is repeated.

    Raises:
        DataError: They differ in size or length, or are too short.
    """
    columns = _frames_by_time(paths)
    begin = list(islice(columns, max(FRAMES_IN_MEMORY, given + 2)))
    if len(begin) <= max(given, 1):
        raise DataError(f"{paths[REAL]}: has {len(begin)} frames, but at least {max(given, 1) + 1} are needed.")
    yield _stacked(begin), given
    last = begin[-1]
    while following := list(islice(columns, FRAMES_IN_MEMORY)):
        yield _stacked([last, *following]), 1
        last = following[-1]


def _stacked(columns: list[Frames]) -> Frames:
    return {name: np.stack([column[name] for column in columns]) for name in columns[0]}


def _frames_by_time(paths: Mapping[str, Path]) -> Iterator[Frames]:
    """Yield the frames of all videos at each time; each has the size of the real one."""
    for index, column in enumerate(zip_longest(*map(stream_frames, paths.values()))):
        frames = dict(zip(paths, column, strict=True))
        real, real_path = frames[REAL], paths[REAL]
        for path, frame in zip(paths.values(), column, strict=True):
            if (frame is None) != (real is None):
                short, long = (path, real_path) if frame is None else (real_path, path)
                raise DataError(f"{short}: ends after {index} frames, but {long} goes on; they must be equally long.")
            if frame.shape != real.shape:
                sizes = [f"{shape[1]}x{shape[0]}" for shape in (frame.shape, real.shape)]
                raise DataError(
                    f"{path}: is {sizes[0]}, but {real_path} is {sizes[1]} (width x height); bring both to one size."
                )
        yield frames


class _SheetPictures:
    """Pictures evenly spread over a video of unknown length, some more than a sheet shows."""

    LIMIT = 32

    def __init__(self) -> None:
        self.kept: list[Picture] = []
        self.seen = 0
        self._step = 1

    def add(self, picture: Picture) -> None:
        """Add the next picture; every n-th is kept, and n doubles whenever there are too many."""
        if self.seen % self._step == 0:
            self.kept.append(picture)
        self.seen += 1
        if len(self.kept) > self.LIMIT:
            self.kept = self.kept[::2]
            self._step *= 2
