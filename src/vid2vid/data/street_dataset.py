"""Rendering of street data sets in parallel; it can be stopped and resumed, and writes the manifest last."""

import json
from collections.abc import Collection, Iterator
from dataclasses import asdict, replace
from pathlib import Path

from tqdm import tqdm

from vid2vid.config import StreetConfig
from vid2vid.data.manifest import Manifest, VideoSequence
from vid2vid.data.processes import in_processes, usable_cpus
from vid2vid.errors import ConfigError, DataError
from vid2vid.files import parse_json, write_text
from vid2vid.street import STREET_PLANES, street_condition
from vid2vid.street.sequence_renderer import RenderJob, render_sequence

RENDERER = 1
"""Version of the renderer, raised whenever the same settings produce different files."""
CROSSINGS_RENDERER = 2
"""The same of streets with crossings alone."""

_NAME = "street.json"
_ELSEWHERE = ("root", "render_workers")
_SEEDS = 100_000  # seeds of one data set; the upper half is for validation


def render_dataset(config: StreetConfig, planes: Collection[str] = ()) -> Manifest:
    """Render a data set, or the missing part of it, and return its manifest.

    The files of each sequence NAME are: ``target/NAME.mp4`` (RGB), ``source/NAME.mkv`` (label ids),
    ``instance/NAME.mkv`` (object ids), ``depth/NAME.mkv`` (millimetres), ``flow/NAME`` (`FlowStore`, also read as the
    plane ``motion``); if wanted, ``normals/NAME.mkv`` (`vid2vid.street.Street.normals`, -1..1 as 0..255); with
    crossings, ``heading/NAME.json`` (`vid2vid.street.Street.headings` of each frame). ``street.json`` holds the
    settings; ``manifest.json`` is written last. Interrupted rendering continues; a data set without normals is rendered
    again to add them.

    Scripts that call this with more than one process need the guard ``if __name__ == "__main__":``, since the processes
    are spawned.

    Args:
        config: Settings of the data set: folder, numbers, sizes.
        planes: Names of the wanted planes.

    Raises:
        ConfigError: Streets do not have a wanted plane.
        DataError: The folder holds other files, or a data set with other settings.
        VideoError: A file cannot be written.
    """
    for name in planes:
        if name not in STREET_PLANES:
            raise ConfigError(f"data.planes={name}: rendered streets have {', '.join(STREET_PLANES)}.")
    if "motion" in planes and 1 not in config.flow_strides:
        raise ConfigError(
            f"data.planes=motion: add 1 to data.street.flow_strides, which is {list(config.flow_strides)}."
        )
    root = Path(config.root)
    _claim(root, config)
    path = root / "manifest.json"
    normals = "normals" in planes
    jobs = list(_jobs(root, config, normals))
    if not path.is_file() or (normals and not all(job.done for job in jobs)):
        missing = [job for job in jobs if not job.done]
        with tqdm(total=sum(job.frames for job in missing), unit="frame", desc="streets", disable=not missing) as bar:
            for _, frames in in_processes(render_sequence, missing, config.render_workers or usable_cpus()):
                bar.update(frames)
        Manifest(street_condition(), [_sequence(job) for job in jobs], config.fps).save(path)
    manifest = Manifest.load(path)
    if normals or "motion" in planes:
        # a manifest written earlier may not name all files
        return replace(manifest, sequences=[_sequence(job) for job in jobs])
    return manifest


def _sequence(job: RenderJob) -> VideoSequence:
    files = job.files
    planes = {name: files.pop(name) for name in STREET_PLANES if name in files}
    if 1 in job.strides:
        planes["motion"] = files["flow"]
    return VideoSequence(job.name, job.split, frames=job.frames, start=0, planes=planes, **files)


def _claim(root: Path, config: StreetConfig) -> None:
    """Write the settings on which the files depend into the folder, or compare them with those in it."""
    wanted = {"renderer": RENDERER, **{k: v for k, v in asdict(config).items() if k not in _ELSEWHERE}}
    if config.crossings:
        wanted["crossings_renderer"] = CROSSINGS_RENDERER
    else:
        # compatible with data sets from before there were crossings
        del wanted["crossings"]
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


def _jobs(root: Path, config: StreetConfig, normals: bool) -> Iterator[RenderJob]:
    strides = tuple(stride for stride in config.flow_strides if stride < config.frames)
    first, size = config.seed * _SEEDS, (config.height, config.width)
    for split, count, offset in (("train", config.train_sequences, 0), ("val", config.val_sequences, _SEEDS // 2)):
        for index in range(count):
            name, seed = f"{split}-{index:05d}", first + offset + index
            yield RenderJob(
                root, name, split, seed, size, config.frames, config.fps, strides, normals, config.crossings
            )
