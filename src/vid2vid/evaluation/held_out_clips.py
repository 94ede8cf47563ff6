"""The held-out clips of a data set, and the preparation of an evaluation on them."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import torch
from tqdm import tqdm

from vid2vid.condition import Condition
from vid2vid.config import EvaluationConfig
from vid2vid.data.data_module import Vid2VidDataModule
from vid2vid.evaluation.report import check_names, result_files
from vid2vid.files import refuse_overwriting
from vid2vid.training.chunks import too_short
from vid2vid.types import Clip


def prepare_held_out(names: Iterable[str], data: Vid2VidDataModule, output: Path, stage: str) -> None:
    """Set up a data set, before anything is evaluated on it.

    Args:
        names: The names of what is evaluated.
        data: The data set.
        output: The folder for the results.
        stage: ``fit``, or ``validate`` where no training frames are needed.

    Raises:
        DataError: The data cannot be read.
        ConfigError: A name is reserved or used twice, or an output is a file of the data.
    """
    check_names(names)
    data.prepare_data()
    data.setup(stage)
    refuse_overwriting(result_files(output), data.prepare_manifest().files)


def chosen_classes(config: EvaluationConfig, condition: Condition) -> dict[str, int]:
    """Return the indices of the classes that are also measured alone, by their names.

    Raises:
        ConfigError: One is no label of the condition.
    """
    return dict(zip(config.classes, condition.label_channels(config.classes, "classes"), strict=True))


def held_out_clips(
    data: Vid2VidDataModule, frames: int | None, given: int, device: torch.device | str
) -> Iterator[Clip]:
    """Yield the batches of held-out clips on a device, with a progress bar.

    Args:
        data: The data set, set up.
        frames: Number of frames of each sequence; 0: all; None: ``val_frames`` of the data module, the same of all.
        given: Number of given first frames; each clip must have more.
        device: The device of the clips.

    Raises:
        DataError: A clip has no frames but the given ones.
    """
    loader = data.val_dataloader() if frames is None else data.held_out(frames)
    for batch in tqdm(loader, desc="evaluate", unit="batch"):
        if batch.real.shape[1] <= given:
            raise too_short(batch, "data.val_frames" if frames is None else "val_frames")
        yield batch.to(device)
