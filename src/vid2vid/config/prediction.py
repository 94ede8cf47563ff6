"""Settings of the predictor of label maps and of ``vid2vid predict``."""

from dataclasses import dataclass

from omegaconf import MISSING

from vid2vid.config.networks import NORMS, UPSAMPLINGS
from vid2vid.errors import ConfigError, choose


@dataclass
class PredictorConfig:
    """Size and form of the predictor of label maps.

    Attributes:
        past_frames: L, how many past label maps it sees.
        base_channels: Width of the first layer.
        downsamples: Number of stride-2 layers.
        blocks: Residual blocks; half of them see everything, the rest come once for W and M, once for H.
        norm: As in `vid2vid.config.GeneratorConfig`.
        upsampling: As there.
        flow_scale: Factor of W's last layer, in pixels.
    """

    past_frames: int = 4
    base_channels: int = 16
    downsamples: int = 2
    blocks: int = 6
    norm: str = "instance"
    upsampling: str = "resize"
    flow_scale: float = 4.0

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: A number is too small or a name is unknown.
        """
        choose(self.norm, NORMS, "predictor.norm")
        choose(self.upsampling, UPSAMPLINGS, "predictor.upsampling")
        for name, least in {"past_frames": 1, "base_channels": 1, "downsamples": 0, "blocks": 2}.items():
            if getattr(self, name) < least:
                raise ConfigError(f"predictor.{name} must be at least {least}, but is {getattr(self, name)}.")

    @property
    def multiple(self) -> int:
        """Height and width are brought to a multiple of this inside the predictor."""
        return int(2**self.downsamples)


@dataclass
class Predict:
    """``vid2vid predict``.

    Attributes:
        checkpoint: A checkpoint of ``vid2vid train model=predictor``.
        source: Video or image folder of label maps, of which the first ones are given.
        output: Folder to write into.
        given: How many are given; 0: as many as the predictor looks at.
        frames: How many are predicted.
        height: Rows at which to predict, best as in its training; 0: as the source.
        width: Columns at which to predict; 0: as the source.
        instance: Video of object ids; they are carried along by the predicted flow.
        synthesizer: A checkpoint of a video model or an image generator, which makes frames of the maps, given and
            predicted ones; empty: label maps only.
        first: Video or image folder whose first frames are given to the video model.
        image_checkpoint: A checkpoint of an image generator, which makes its first frames; without it and ``first`` it
            starts from nothing.
        fps: Frames a second; 0: as the source.
        device: ``cpu``, ``cuda``, ...; empty: a GPU where there is one.
    """

    checkpoint: str = MISSING
    source: str = MISSING
    output: str = MISSING
    given: int = 0
    frames: int = 10
    height: int = 0
    width: int = 0
    instance: str = ""
    synthesizer: str = ""
    first: str = ""
    image_checkpoint: str = ""
    fps: float = 0.0
    device: str = ""
