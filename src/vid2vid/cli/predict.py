"""``vid2vid predict``."""

from typing import Any

from vid2vid.cli.assemble import choose_device
from vid2vid.config import PredictionConfig, SynthesisConfig
from vid2vid.errors import ConfigError
from vid2vid.models import MODELS
from vid2vid.prediction.predict_video import predict
from vid2vid.prediction.prediction_module import PredictionModule
from vid2vid.synthesis import synthesize
from vid2vid.training import load


def run(settings: PredictionConfig) -> None:
    """Predict the next label maps of a video, and synthesise its frames if a model is given for that."""
    device, output = choose_device(settings.device), settings.output
    predictor = load(settings.checkpoint, PredictionModule, device=device)
    # before anything is written: a wrong model is refused at once
    module: Any = load(settings.synthesizer, device=device) if settings.synthesizer else None
    if module is not None and not MODELS[module.kind].synthesizer:
        title = MODELS[module.kind].title
        raise ConfigError(
            f"{settings.synthesizer}: this is {title}, but synthesizer must be a video model or an image generator."
        )
    if module is not None and module.condition.needs_instances and not settings.instance:
        raise ConfigError(f"{settings.synthesizer}: its condition has edges or motion of objects: give instance=PATH.")
    if module is not None and module.condition.needs_planes:
        raise ConfigError(
            f"{settings.synthesizer}: its condition has planes, which predicted label maps do not have; give a model "
            "that was trained without data.planes."
        )
    predicted = predict(predictor, settings)
    print(f"written to {output}: {predicted.source.name}, labels.mp4, flow.mp4, sheet.png")  # noqa: T201
    if module is not None:
        frames = synthesize(
            module,
            SynthesisConfig(
                source=predicted.source,
                output=output / "frames.mp4",
                first=settings.first,
                image_checkpoint=settings.image_checkpoint,
                instance=predicted.instance,
                fps=predicted.fps,
            ),
        )
        print(f"{output / 'frames.mp4'}: {frames} frames, the given ones among them")  # noqa: T201
