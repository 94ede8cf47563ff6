"""Rendering data sets of streets: in parallel, to be resumed after a stop, the manifest last."""

import json
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import fields
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tqdm import tqdm

from vid2vid.config import StreetConfig
from vid2vid.data.manifest import Manifest, VideoSequence
from vid2vid.errors import DataError
from vid2vid.files import write_text
from vid2vid.street.sequence_renderer import RenderJob, render_sequence
from vid2vid.street.street_classes import street_condition

RENDERER = 1
"""Raised whenever the same settings give other pictures than before."""

_NAME = "street.json"
_ELSEWHERE = ("root", "render_workers")
_SEEDS = 100_000  # seeds of one data set; the upper half is for validation


def render_dataset(config: StreetConfig) -> Manifest:
    """Render a data set, or what is missing of it, and return its manifest.

    Files, for each sequence NAME: ``target/NAME.mp4`` (RGB), ``source/NAME.mkv`` (label ids), ``instance/NAME.mkv``
    (object ids), ``depth/NAME.mkv`` (millimetres), ``flow/NAME`` (`FlowStore`); then ``manifest.json``. The settings
    lie in ``street.json``. A run that was stopped goes on where it was.

    Scripts that call this with more than one process need the guard ``if __name__ == "__main__":`` (the processes are
    spawned).

    Raises:
        DataError: The folder holds something else, or a data set with other settings.
        VideoError: A file cannot be written.
    """
    root = Path(config.root)
    _claim(root, config)
    path = root / "manifest.json"
    if path.is_file():
        return Manifest.load(path)
    jobs = list(_jobs(root, config))
    _run([job for job in jobs if not job.marker.is_file()], config.render_workers or _cpus())
    Manifest(street_condition(), [_sequence(job) for job in jobs], config.fps).save(path)
    return Manifest.load(path)


def _claim(root: Path, config: StreetConfig) -> None:
    """Write the settings into the folder, or compare them with those that are there."""
    wanted, path = _pictured(config), root / _NAME
    if not path.is_file():
        if root.is_dir() and any(entry.name[0] != "." for entry in root.iterdir()):
            raise DataError(f"{root}: holds files, but no {_NAME}; choose an empty folder for data.root.")
        write_text(path, json.dumps(wanted, indent=1) + "\n")
    found = _read(path)
    changed = [key for key in {**found, **wanted} if found.get(key) != wanted.get(key)]
    if changed:
        differences = ", ".join(f"{key} is {found.get(key)}, not {wanted.get(key)}" for key in changed)
        raise DataError(
            f"{root}: holds streets made with other settings: {differences}. Delete it, or change the root."
        )


def _pictured(config: StreetConfig) -> dict[str, Any]:
    """Return the settings that the pictures depend on."""
    settings = {f.name: getattr(config, f.name) for f in fields(StreetConfig) if f.name not in _ELSEWHERE}
    return {"renderer": RENDERER, **settings, "flow_strides": list(config.flow_strides)}


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise DataError(f"{path}: not the settings of a street data set ({error}); delete the folder.") from error
    if not isinstance(found, dict):
        raise DataError(f"{path}: not the settings of a street data set; delete the folder.")
    return found


def _jobs(root: Path, config: StreetConfig) -> Iterator[RenderJob]:
    strides = tuple(stride for stride in config.flow_strides if stride < config.frames)
    first = config.seed * _SEEDS
    for split, count, offset in (("train", config.train_sequences, 0), ("val", config.val_sequences, _SEEDS // 2)):
        for index in range(count):
            yield RenderJob(
                root=root,
                name=f"{split}-{index:05d}",
                split=split,
                seed=first + offset + index,
                size=(config.height, config.width),
                frames=config.frames,
                fps=config.fps,
                strides=strides,
            )


def _sequence(job: RenderJob) -> VideoSequence:
    files = job.files
    return VideoSequence(
        name=job.name,
        split=job.split,
        target=files["target"],
        source=files["source"],
        frames=job.frames,
        instance=files["instance"],
        depth=files["depth"],
        flow=files.get("flow"),
    )


def _run(jobs: list[RenderJob], workers: int) -> None:
    with tqdm(total=sum(job.frames for job in jobs), unit="frame", desc="streets", disable=not jobs) as bar:
        for frames in _results(jobs, min(workers, len(jobs))):
            bar.update(frames)


def _results(jobs: list[RenderJob], workers: int) -> Iterator[int]:
    if workers <= 1:
        yield from map(render_sequence, jobs)
        return
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
    try:
        for done in as_completed([pool.submit(render_sequence, job) for job in jobs]):
            yield done.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _cpus() -> int:
    """Return the number of CPUs that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
