"""Installs the lowest versions that pyproject.toml allows, and trains and synthesises with them.

Run it with ``make lowest``: it makes an environment in a temporary folder, which takes some minutes and 8 GB, and ends
with status 1 if anything fails. The tests check the constraints only.
"""

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
_TRAINING = (
    "experiment=street",
    "generator.base_channels=4",
    "generator.downsamples=2",
    "generator.blocks=2",
    "discriminators.image.base_channels=4",
    "discriminators.video.base_channels=4",
    "trainer.accelerator=cpu",
    "trainer.devices=1",
    "trainer.max_epochs=1",
    "data.street.height=32",
    "data.street.width=64",
    "data.street.train_sequences=1",
    "data.street.val_sequences=1",
    "data.street.frames=8",
    "data.street.root=street",
    "data.num_workers=0",
    "run_dir=run",
)


def floors(requirements: list[str]) -> dict[str, Version]:
    """Return the lowest version that is allowed of each package which this machine needs.

    Args:
        requirements: Lines of ``dependencies``; those for other machines are left out.

    Raises:
        ValueError: A package has no floor.
    """
    found = {}
    for requirement in map(Requirement, requirements):
        if requirement.marker is not None and not requirement.marker.evaluate():
            continue
        lowest = [Version(part.version) for part in requirement.specifier if part.operator in (">=", "==", "~=")]
        if not lowest:
            raise ValueError(f"{requirement.name} has no lowest version in pyproject.toml; give it one with >=")
        found[requirement.name] = max(lowest)
    return found


def dependencies() -> list[str]:
    """Return what the library itself depends on, as pyproject.toml says it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines: list[str] = project["dependencies"]
    return lines


def constraints(requirements: list[str]) -> str:
    """Return a file of constraints for pip that allows only the lowest version of each package."""
    return "".join(f"{name}=={version}\n" for name, version in floors(requirements).items())


def main() -> None:
    """Install and run."""
    with TemporaryDirectory(prefix="vid2vid-lowest-") as name:
        folder = Path(name)
        (folder / "constraints.txt").write_text(constraints(dependencies()), encoding="utf-8")
        # neither this environment nor the sources may come before what is installed
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}

        def run(*command: str | Path) -> None:
            subprocess.run(list(map(str, command)), cwd=folder, env=environment, check=True)

        run(sys.executable, "-m", "venv", "venv")
        programs = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
        run(programs / "python", "-m", "pip", "install", "--quiet", "--constraint", "constraints.txt", ROOT)
        run(programs / "vid2vid", "train", *_TRAINING)
        source = "source=street/source/val-00000.mkv"
        run(programs / "vid2vid", "synthesize", "checkpoint=run/checkpoints/last.ckpt", source, "output=out.mp4")
        reading = (
            "import pathlib, vid2vid.video as v; print(len(v.open_frames(pathlib.Path('out.mp4'))), 'frames are there')"
        )
        run(programs / "python", "-c", reading)


if __name__ == "__main__":
    main()
