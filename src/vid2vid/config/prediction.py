"""Settings of the network that predicts label maps."""

from dataclasses import dataclass

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
