"""Video-to-video synthesis (Wang et al., 2018) as a modular PyTorch Lightning library.

The names below are the public surface. They are imported when first used: `import vid2vid` is instant.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vid2vid.baselines import CovstModule as CovstModule
    from vid2vid.baselines import ImageModule as ImageModule
    from vid2vid.condition import Condition as Condition
    from vid2vid.data.data_module import Vid2VidDataModule as Vid2VidDataModule
    from vid2vid.prediction.prediction_module import PredictionModule as PredictionModule
    from vid2vid.synthesis import Synthesizer as Synthesizer
    from vid2vid.training import Vid2VidModule as Vid2VidModule
    from vid2vid.training import load as load
    from vid2vid.types import Clip as Clip
    from vid2vid.types import Rollout as Rollout

__version__ = "0.1.0"

_HOMES = {
    "Clip": "vid2vid.types",
    "CovstModule": "vid2vid.baselines",
    "Condition": "vid2vid.condition",
    "ImageModule": "vid2vid.baselines",
    "PredictionModule": "vid2vid.prediction.prediction_module",
    "Rollout": "vid2vid.types",
    "Synthesizer": "vid2vid.synthesis",
    "Vid2VidDataModule": "vid2vid.data.data_module",
    "Vid2VidModule": "vid2vid.training",
    "load": "vid2vid.training",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    if name not in _HOMES:
        raise AttributeError(f"module 'vid2vid' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
