"""Loading trained models of any kind."""

from pathlib import Path

import torch

from vid2vid.baselines.covst_module import CovstModule
from vid2vid.baselines.image_module import ImageModule
from vid2vid.errors import CheckpointError
from vid2vid.prediction.prediction_module import PredictionModule
from vid2vid.training.checkpoints.restore import read, restore
from vid2vid.training.vid2vid_module import Vid2VidModule

Model = Vid2VidModule | ImageModule | CovstModule | PredictionModule
"""Any of the modules that are trained."""

_KINDS: dict[type[Model], str] = {
    ImageModule: "an image generator",
    CovstModule: "COVST",
    PredictionModule: "a predictor of label maps",
}


def load(path: str | Path, device: str | torch.device = "cpu") -> Vid2VidModule:
    """Load a trained module for synthesis.

    Args:
        path: A ``.ckpt`` file of a training run; nothing in it is executed (weights-only).
        device: Where its tensors go.

    Raises:
        CheckpointError: The file is missing, damaged, or not a checkpoint of `Vid2VidModule`.
    """
    module = load_any(path, device)
    if isinstance(module, Vid2VidModule):
        return module
    raise CheckpointError(f"{path}: this is {_KINDS[type(module)]}; a video model (train model=video) is needed here.")


def load_any(path: str | Path, device: str | torch.device = "cpu") -> Model:
    """Load a trained model, whichever it is.

    Args:
        path: As for `load`.
        device: As for `load`.

    Raises:
        CheckpointError: The file is missing, damaged, or of another kind.
    """
    stored = read(path)
    if stored.holds(ImageModule):
        return restore(stored, ImageModule, device)
    if stored.holds(CovstModule):
        return restore(stored, CovstModule, device)
    if stored.holds(PredictionModule):
        return restore(stored, PredictionModule, device)
    return restore(stored, Vid2VidModule, device)


def load_predictor(path: str | Path, device: str | torch.device = "cpu") -> PredictionModule:
    """Load a trained predictor of label maps.

    Args:
        path: As for `load`.
        device: As for `load`.

    Raises:
        CheckpointError: The file is missing, damaged, or not a checkpoint of `PredictionModule`.
    """
    module = load_any(path, device)
    if isinstance(module, PredictionModule):
        return module
    raise CheckpointError(f"{path}: this model synthesises; a predictor (train model=predictor) is needed here.")
