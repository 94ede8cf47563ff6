"""Rendering of one sequence to files by one process; it is marked as done when all its files are complete."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vid2vid.files import partial_folder, write_text
from vid2vid.flow.store import FlowStore
from vid2vid.street.geometry import Bools, Floats
from vid2vid.street.street import Street
from vid2vid.video import write_colours, write_ids, write_labels, write_video

_MILLIMETRES = 1000
_ENDINGS = {
    "target": ".mp4", "source": ".mkv", "instance": ".mkv", "depth": ".mkv", "flow": "", "normals": ".mkv",
    "heading": ".json",
}  # fmt: skip


@dataclass(frozen=True)
class RenderJob:
    """One sequence to render.

    Attributes:
        root: Folder of the data set.
        name: Name of the sequence.
        split: ``train`` or ``val``.
        seed: Seed of its street.
        size: (H, W) in pixels.
        frames: Number of frames.
        fps: Frames a second.
        strides: Temporal strides of the flows.
        normals: Whether normals are written.
        crossings: Whether cars turn at crossings; then their headings are written.
    """

    root: Path
    name: str
    split: str
    seed: int
    size: tuple[int, int]
    frames: int
    fps: float
    strides: tuple[int, ...]
    normals: bool = False
    crossings: bool = False

    @property
    def files(self) -> dict[str, Path]:
        """Files by content; ``flow`` (a folder), ``normals`` and ``heading`` only if the sequence has them."""
        optional = {"flow": self.strides, "normals": self.normals, "heading": self.crossings}
        left_out = [content for content, there in optional.items() if not there]
        return {content: _place(self.root, content, self.name) for content in _ENDINGS if content not in left_out}

    @property
    def done(self) -> bool:
        """Whether all its files exist."""
        return self.marker.is_file() and (not self.normals or self.files["normals"].is_file())

    @property
    def marker(self) -> Path:
        """An empty file that exists if the sequence is complete."""
        return self.root / "done" / self.name


def render_sequence(job: RenderJob) -> int:
    """Render a sequence into its own folder, move its files into place, and mark it as done; return its frames.

    Two processes may run the same job at once: their files are the same, and each appears only when complete.
    """
    with partial_folder(job.root / job.name) as work:
        _write(job, work)
        for content, place in job.files.items():
            _move(_place(work, content, job.name), place)
        job.marker.parent.mkdir(parents=True, exist_ok=True)
        job.marker.touch()
    return job.frames


def _place(root: Path, content: str, name: str) -> Path:
    return root / content / f"{name}{_ENDINGS[content]}"


def _move(path: Path, place: Path) -> None:
    """Move a file, or the files of a folder one by one, since a folder cannot replace another one."""
    if path.is_dir():
        for inner in path.iterdir():
            _move(inner, place / inner.name)
    elif path.is_file():
        place.parent.mkdir(parents=True, exist_ok=True)
        path.replace(place)


def _write(job: RenderJob, work: Path) -> None:
    street = Street(
        job.seed, *job.size, fps=job.fps, cached_frames=max(job.strides, default=1) + 2, crossings=job.crossings
    )
    flows: dict[int, list[tuple[Floats, Bools]]] = {stride: [] for stride in job.strides}
    frames, directions, headings = [], [], []
    for t in range(job.frames):
        frames.append(street.render(t))
        headings.append(street.headings(t))
        if job.normals:
            directions.append(street.normals(t).transpose(1, 2, 0))
        for stride in job.strides:
            if t >= stride:
                flows[stride].append(street.flow(t, stride))
    target, source, instance, depth, flow, normals, heading = (_place(work, content, job.name) for content in _ENDINGS)
    write_video(target, (frame.rgb for frame in frames), job.fps)
    write_labels(source, (frame.label for frame in frames), job.fps)
    write_ids(instance, (frame.instance for frame in frames), job.fps)
    write_ids(depth, (np.rint(frame.depth * _MILLIMETRES).astype(np.int32) for frame in frames), job.fps)
    if job.normals:
        # -1..1 as 0..255
        write_colours(normals, (np.rint((one + 1) * 127.5).astype(np.uint8) for one in directions), job.fps)
    if job.crossings:
        # a list with an object for each frame: the headings of its visible cars, in radians, by instance id
        write_text(heading, json.dumps(headings) + "\n")
    # flows of points that were beside the camera are useless and may exceed float16
    limit = 4.0 * max(job.size)
    for stride, pairs in flows.items():
        vectors = np.stack([np.clip(vector, -limit, limit) for vector, _ in pairs])
        confidence = np.stack([visible[None] for _, visible in pairs]).astype(np.float32)
        FlowStore(flow).write(stride, vectors, confidence)
