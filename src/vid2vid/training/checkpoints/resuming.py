"""Resuming a training that was stopped or killed: the checkpoint to resume from, and whether it fits."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from vid2vid.errors import CheckpointError, ConfigError
from vid2vid.training.adversarial_module import AdversarialModule
from vid2vid.training.checkpoints.saving import LAST, newest_first
from vid2vid.training.checkpoints.serialization import StoredCheckpoint, read
from vid2vid.training.lightning_internals import finished_epochs

AUTO = "auto"
"""The value of ``resume`` that starts a training where there is none to resume."""
_OF_A_RUN = ("config.yaml", "metrics.csv", "hparams.yaml", "checkpoints", "previews", "tensorboard", "wandb", "stage_*")


def resume_point(run_dir: Path, resume: bool | str, module: AdversarialModule[Any]) -> Path | None:
    """Return the checkpoint to give to ``Trainer.fit(ckpt_path=…)``.

    Args:
        run_dir: Folder of the run, with ``checkpoints/`` inside.
        resume: True, ``"true"`` or ``"auto"``: from the run's last checkpoint; False, ``"false"`` or empty: from none;
            or a path.
        module: What is to be trained.

    Returns:
        None if the training begins anew, also because there is nothing to resume from.

    Raises:
        CheckpointError: The checkpoint is missing, damaged (the message offers the newest sound one), holds weights
            only, or belongs to a module with other settings (the message names them).
    """
    if not resumes(resume):
        return None
    folder = run_dir / "checkpoints"
    if named := named_checkpoint(resume):
        path = named
    elif found := [path for path in (folder / LAST, *newest_first(folder)) if path.is_file()]:
        path = found[0]
    else:
        return None
    stored = _read_or_offer(path)
    stored.require(module.kind)
    if "loops" not in stored.content:
        raise CheckpointError(
            f"{path}: holds weights only, not the state of a training that could be resumed; start a new training with "
            "init_from=..."
        )
    others = list(differing(stored.settings, module.hparams))
    if others:
        raise CheckpointError(
            f"{path}: belongs to a training with other settings: {', '.join(others)}. Give the same settings to "
            "resume it, or another run_dir for a new training."
        )
    return path


def _read_or_offer(path: Path) -> StoredCheckpoint:
    """Read a checkpoint; if it is damaged, name the newest sound one beside it."""
    try:
        return read(path)
    except CheckpointError as error:
        offer = "There is no other checkpoint there."
        for other in newest_first(path.parent):
            try:
                sound = other != path and bool(read(other))
            except CheckpointError:
                continue
            if sound:
                offer = f"The checkpoint before it is sound: resume={other}"
                break
        raise CheckpointError(f"{error} {offer}") from error


def resumes(resume: bool | str) -> bool:
    """Whether the setting ``resume`` asks to resume a training."""
    return str(resume).lower() not in ("false", "")


def named_checkpoint(resume: bool | str) -> Path | None:
    """Return the checkpoint that the setting ``resume`` names; None if it only says whether to resume."""
    return Path(str(resume)) if resumes(resume) and str(resume).lower() not in ("true", AUTO) else None


def require_run_dir(run_dir: Path, resume: bool | str) -> None:
    """Refuse the folder of a run that does not suit the setting ``resume``.

    Args:
        run_dir: Folder of the run.
        resume: As of `resume_point`.

    Raises:
        ConfigError: A new training would start in a folder with checkpoints, there is none to resume from, or
            ``resume`` names a checkpoint of another run than the one in the folder.
    """
    named = named_checkpoint(resume)
    used = [folder for folder in (run_dir, *run_dir.glob("stage_*")) if any((folder / "checkpoints").glob("*.ckpt"))]
    if used and not resumes(resume):
        raise ConfigError(
            f"{run_dir}: holds the checkpoints of a training; resume=true resumes it. Give another run_dir for a "
            "new training."
        )
    if used and named and all(folder.resolve() not in named.resolve().parents for folder in (run_dir, *used)):
        raise ConfigError(
            f"resume={named}: is not a checkpoint of the training in {run_dir}; give another run_dir to resume from it."
        )
    if not used and not named and resumes(resume) and str(resume).lower() != AUTO:
        raise ConfigError(
            f"{run_dir}: there is no checkpoint to resume from; check run_dir. Leave resume out to start a training, "
            "or give resume=auto to start one only where there is none."
        )


def set_aside(run_dir: Path) -> Path | None:
    """Move the files of an earlier training in the folder of a run into ``earlier_1``, or the next free number.

    Returns:
        The folder that they are in now; None if there were no files.
    """
    left = [path for pattern in _OF_A_RUN for path in sorted(run_dir.glob(pattern))]
    if not left:
        return None
    number = 1
    while (folder := run_dir / f"earlier_{number}").exists():
        number += 1
    folder.mkdir()
    for path in left:
        path.rename(folder / path.name)
    return folder


def epochs_done(path: Path) -> int:
    """Return the number of epochs that the training of a checkpoint has finished.

    Raises:
        CheckpointError: The file is missing, damaged, or no checkpoint of ours.
    """
    return finished_epochs(read(path).content)


def differing(before: Mapping[str, Any], now: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield the settings that have other values than before, as ``key=value (before: value)``.

    Settings that only one of the two has are ignored: another version of this package may not know them.
    """
    for key, value in before.items():
        own = now.get(key, value)
        if isinstance(value, Mapping) and isinstance(own, Mapping):
            yield from differing(value, own, f"{prefix}{key}.")
        elif own != value:
            yield f"{prefix}{key}={own} (before: {value})"
