"""Rendering of street data sets: in parallel, resumed after a stop, with the manifest written last."""

import json
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path

from tqdm import tqdm

from vid2vid.config import StreetConfig
from vid2vid.data.manifest import Manifest, VideoSequence
from vid2vid.errors import DataError
from vid2vid.files import parse_json, write_text
from vid2vid.street import street_condition
from vid2vid.street.sequence_renderer import RenderJob, render_sequence

RENDERER = 1
"""Raised whenever the same settings give other files than before."""

_NAME = "street.json"
_ELSEWHERE = ("root", "render_workers")
_SEEDS = 100_000  # seeds of one data set; the upper half is for validation


def render_dataset(config: StreetConfig) -> Manifest:
    """Render a data set, or what is missing of it, and return its manifest.

    Files, for each sequence NAME: ``target/NAME.mp4`` (RGB), ``source/NAME.mkv`` (label ids), ``instance/NAME.mkv``
    (object ids), ``depth/NAME.mkv`` (millimetres), ``flow/NAME`` (`FlowStore`); then ``manifest.json``. The settings
    are kept in ``street.json``. Rendering that was stopped continues.

    Scripts that call this with more than one process need the guard ``if __name__ == "__main__":`` (the processes are
    spawned).

    Raises:
        DataError: The folder holds something else, or a data set with other settings.
        VideoError: A file cannot be written.
    """
    root = Path(config.root)
    _claim(root, config)
    path = root / "manifest.json"
    if not path.is_file():
        jobs = list(_jobs(root, config))
        missing = [job for job in jobs if not job.marker.is_file()]
        with tqdm(total=sum(job.frames for job in missing), unit="frame", desc="streets", disable=not missing) as bar:
            for frames in _rendered(missing, min(config.render_workers or _cpus(), len(missing))):
                bar.update(frames)
        sequences = [VideoSequence(job.name, job.split, frames=job.frames, start=0, **job.files) for job in jobs]
        Manifest(street_condition(), sequences, config.fps).save(path)
    return Manifest.load(path)


def _claim(root: Path, config: StreetConfig) -> None:
    """Write the settings that the files depend on into the folder, or compare them with those that are there."""
    wanted = {"renderer": RENDERER, **{k: v for k, v in asdict(config).items() if k not in _ELSEWHERE}}
    path = root / _NAME
    if not path.is_file():
        if root.is_dir() and any(entry.name[0] != "." for entry in root.iterdir()):
            raise DataError(f"{root}: holds files, but no {_NAME}; choose an empty folder for data.street.root.")
        write_text(path, json.dumps(wanted, indent=1) + "\n")
    try:
        found = parse_json(path.read_text(encoding="utf-8"))
        differing = {key: found.get(key) for key in {**found, **wanted} if found.get(key) != wanted.get(key)}
    except (ValueError, TypeError, AttributeError) as error:
        raise DataError(f"{path}: not the settings of a street data set ({error}); delete the folder.") from error
    if differing:
        changes = ", ".join(f"data.street.{key} was {value}, is {wanted.get(key)}" for key, value in differing.items())
        raise DataError(
            f"{root}: holds streets rendered with other settings: {changes}. Delete the folder, or choose another one "
            "with data.street.root."
        )


def _jobs(root: Path, config: StreetConfig) -> Iterator[RenderJob]:
    strides = tuple(stride for stride in config.flow_strides if stride < config.frames)
    first, size = config.seed * _SEEDS, (config.height, config.width)
    for split, count, offset in (("train", config.train_sequences, 0), ("val", config.val_sequences, _SEEDS // 2)):
        for index in range(count):
            name, seed = f"{split}-{index:05d}", first + offset + index
            yield RenderJob(root, name, split, seed, size, config.frames, config.fps, strides)


def _rendered(jobs: list[RenderJob], workers: int) -> Iterator[int]:
    """Render sequences, and yield the number of frames of each as it is done."""
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
