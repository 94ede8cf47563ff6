"""One sequence of a rendered data set, written by one process: whole and in place, or not at all."""

import os
import shutil
from collections.abc import Sequence as Items
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vid2vid.data.manifest import VideoSequence
from vid2vid.flow.store import FlowStore
from vid2vid.street.model import Bools, Floats
from vid2vid.street.street import Street, StreetFrame
from vid2vid.video import write_ids, write_labels, write_video

_MILLIMETRES = 1000
_FILES = {"target": ".mp4", "source": ".mkv", "instance": ".mkv", "depth": ".mkv", "flow": ""}


@dataclass(frozen=True)
class Job:
    """What a process is to render.

    Attributes:
        root: Folder of the data set.
        name: Name of the sequence.
        split: ``train`` or ``val``.
        seed: Seed of its street.
        size: (H, W) in pixels.
        frames: Number of frames.
        fps: Frames a second.
        strides: Temporal strides of the flows.
    """

    root: Path
    name: str
    split: str
    seed: int
    size: tuple[int, int]
    frames: int
    fps: float
    strides: tuple[int, ...]

    def sequence(self) -> VideoSequence:
        """Return its entry in the manifest."""
        target, source, instance, depth, flow = (_place(self.root, kind, self.name) for kind in _FILES)
        return VideoSequence(
            name=self.name,
            split=self.split,
            target=target,
            source=source,
            frames=self.frames,
            instance=instance,
            depth=depth,
            flow=flow if self.strides else None,
        )

    def is_done(self) -> bool:
        """Tell whether the sequence is there, whole."""
        return _mark(self).is_file()


def render_sequence(job: Job) -> int:
    """Render a sequence into a folder of its own, move its files into place, mark it as done; return its frames.

    Two processes may do the same job at once: their files are the same, and each appears whole.
    """
    work = job.root / f".{job.name}.{os.getpid()}.partial"
    shutil.rmtree(work, ignore_errors=True)
    try:
        _write(job, work)
        for kind in _FILES:
            _move(_place(work, kind, job.name), _place(job.root, kind, job.name))
        _mark(job).parent.mkdir(parents=True, exist_ok=True)
        _mark(job).touch()
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return job.frames


def _place(root: Path, kind: str, name: str) -> Path:
    return root / kind / f"{name}{_FILES[kind]}"


def _mark(job: Job) -> Path:
    return job.root / "done" / job.name


def _move(path: Path, place: Path) -> None:
    """Move a file, or the files of a folder one by one: a folder cannot be renamed over another one."""
    if path.is_dir():
        for inner in path.iterdir():
            _move(inner, place / inner.name)
    elif path.is_file():
        place.parent.mkdir(parents=True, exist_ok=True)
        path.replace(place)


def _write(job: Job, work: Path) -> None:
    street = Street(job.seed, *job.size, fps=job.fps, memory=max(job.strides, default=1) + 2)
    flows: dict[int, list[tuple[Floats, Bools]]] = {stride: [] for stride in job.strides}
    frames = []
    for t in range(job.frames):
        frames.append(street.render(t))
        for stride in job.strides:
            if t >= stride:
                flows[stride].append(street.flow(t, stride))
    _write_frames(job, work, frames)
    for stride, flow in flows.items():
        _write_flow(job, FlowStore(_place(work, "flow", job.name)), stride, flow)


def _write_frames(job: Job, work: Path, frames: Items[StreetFrame]) -> None:
    write_video(_place(work, "target", job.name), (frame.rgb for frame in frames), job.fps)
    write_labels(_place(work, "source", job.name), (frame.label for frame in frames), job.fps)
    write_ids(_place(work, "instance", job.name), (frame.instance for frame in frames), job.fps)
    depths = (np.rint(frame.depth * _MILLIMETRES).astype(np.int32) for frame in frames)
    write_ids(_place(work, "depth", job.name), depths, job.fps)


def _write_flow(job: Job, store: FlowStore, stride: int, flow: list[tuple[Floats, Bools]]) -> None:
    # a point that was beside the camera has no use and may not fit into float16
    limit = 4.0 * max(job.size)
    vectors = np.stack([np.clip(vector, -limit, limit) for vector, _ in flow])
    confidence = np.stack([seen[None] for _, seen in flow]).astype(np.float32)
    store.write(stride, vectors, confidence)
