"""The registry of models, which names the parts of each and imports them when they are asked for.

A new model has its modules in a folder of its own, its settings in ``vid2vid.config``, and three places elsewhere: an
entry in `MODELS`, its settings in the configuration of `vid2vid train`, and its name in ``vid2vid/__init__.py``.
"""

from dataclasses import dataclass, field
from pkgutil import resolve_name
from typing import Any, Literal


@dataclass(frozen=True)
class ModelEntry:
    """One kind of model, with all that the library needs to know of it.

    Homes of classes are written as ``package.module:Name``.

    Attributes:
        title: What messages call it, with an article.
        home: Its LightningModule; the class attribute ``kind`` is the key of this entry.
        settings: For each argument of the module but ``condition`` the key of its settings in `vid2vid train`.
        first_frames: Whether first frames can be given to it.
        flow_strides: The temporal strides of the reference flow that it is trained with; None: those of the data.
        staged: The key of the settings whose ``scales`` grow in a training in stages; empty: it has one scale.
        predicts: What it makes of held-out clips, which decides how `vid2vid evaluate` measures it.
        adapter: The class that runs it on held-out clips in `vid2vid evaluate`; empty for label maps.
        synthesizer: The class that makes videos frame by frame; empty: `vid2vid synthesize` cannot use the model.
        instead: For models without a synthesizer, what users can do with it.
    """

    title: str
    home: str
    settings: dict[str, str]
    first_frames: bool = False
    flow_strides: tuple[int, ...] | None = None
    staged: str = ""
    predicts: Literal["frames", "labels"] = "frames"
    adapter: str = ""
    synthesizer: str = ""
    instead: str = field(default="", kw_only=True)

    @property
    def module(self) -> Any:  # noqa: ANN401 - a class; its type is known where it lies
        """The class of the LightningModule."""
        return resolve_name(self.home)


def _same(*keys: str) -> dict[str, str]:
    return {key: key for key in keys}


MODELS: dict[str, ModelEntry] = {
    "video": ModelEntry(
        title="a video model",
        home="vid2vid.training.vid2vid_module:Vid2VidModule",
        settings=_same("generator", "discriminators", "objective", "optimizer", "rollout", "flow_estimator", "encoder"),
        first_frames=True,
        staged="generator",
        adapter="vid2vid.evaluation.model_adapters:VideoAdapter",
        synthesizer="vid2vid.synthesis.synthesizer:Synthesizer",
    ),
    "image": ModelEntry(
        title="an image generator",
        home="vid2vid.baselines.image_module:ImageModule",
        settings={**_same("image", "objective", "optimizer"), "discriminator": "discriminators.image"},
        flow_strides=(),
        staged="image",
        adapter="vid2vid.evaluation.model_adapters:ImageAdapter",
        synthesizer="vid2vid.synthesis.synthesizer:ImageSynthesizer",
    ),
    "covst": ModelEntry(
        title="COVST",
        home="vid2vid.baselines.covst_module:CovstModule",
        settings={
            **_same("covst", "objective", "optimizer", "rollout", "flow_estimator"),
            "style": "image",
            "discriminator": "discriminators.image",
        },
        flow_strides=(1,),
        staged="image",
        adapter="vid2vid.evaluation.model_adapters:CovstAdapter",
        instead=(
            "It needs the flow of the real video, so conditions alone are not enough; vid2vid evaluate "
            "synthesises held-out videos with it."
        ),
    ),
    "predictor": ModelEntry(
        title="a predictor of label maps",
        home="vid2vid.prediction.prediction_module:PredictionModule",
        settings=_same("predictor", "objective", "optimizer", "rollout", "flow_estimator"),
        flow_strides=(1,),
        predicts="labels",
        instead="Use it with vid2vid predict.",
    ),
}
"""All kinds of models by the name that ``vid2vid train model=`` and checkpoints have for them."""
