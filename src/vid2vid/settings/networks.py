"""Settings of F, D_I and D_V."""

from dataclasses import dataclass, field

from vid2vid.errors import ConfigError, choose

NORMS = ("instance", "batch")


@dataclass
class GeneratorConfig:
    """Size and form of F.

    Attributes:
        past_frames: L, how many of its own earlier frames F sees (Eq. 3).
        base_channels: Width of the first layer (128 in the paper); doubles with each downsampling.
        downsamples: Number of stride-2 layers.
        blocks: Residual blocks from the stems to the heads; the stems keep ``ceil(blocks / 2)`` of them each.
        norm: ``instance`` or ``batch`` normalisation.
        flow_scale: Factor of W's last layer, in pixels.
        use_flow: False leaves out W and M: every frame is hallucinated.
    """

    past_frames: int = 2
    base_channels: int = 128
    downsamples: int = 3
    blocks: int = 9
    norm: str = "instance"
    flow_scale: float = 20.0
    use_flow: bool = True

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: A number is too small or the norm is unknown.
        """
        choose(self.norm, NORMS, "generator.norm")
        for name, least in (("past_frames", 1), ("base_channels", 1), ("downsamples", 0), ("blocks", 2)):
            if getattr(self, name) < least:
                raise ConfigError(f"generator.{name} must be at least {least}, but is {getattr(self, name)}.")


@dataclass
class DiscriminatorConfig:
    """Size and form of a discriminator.

    Attributes:
        base_channels: Width of the first layer at full resolution (64 in the paper); doubles with each layer.
        layers: Number of stride-2 layers.
        scales: Number of spatial scales, each with its own network on a picture half as large.
        norm: ``instance`` or ``batch`` normalisation.
    """

    base_channels: int = 64
    layers: int = 3
    scales: int = 2
    norm: str = "instance"

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: A number is too small or the norm is unknown.
        """
        choose(self.norm, NORMS, "discriminator.norm")
        for name in ("base_channels", "layers", "scales"):
            if getattr(self, name) < 1:
                raise ConfigError(f"discriminator.{name} must be at least 1, but is {getattr(self, name)}.")


@dataclass
class CriticsConfig:
    """D_I and D_V.

    Attributes:
        image: Size and form of D_I.
        video: Size and form of D_V, the same for each temporal scale.
        critic_frames: K, how many frames D_V sees.
        temporal_strides: The temporal scales of D_V: 3 means every third frame; each has its own D_V. Scales
            longer than a clip are not trained on it.
        image_draws: How many frames of a chunk φ_I picks for D_I; 0 means all.
    """

    image: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)
    video: DiscriminatorConfig = field(default_factory=DiscriminatorConfig)
    critic_frames: int = 3
    temporal_strides: list[int] = field(default_factory=lambda: [1, 3, 9])
    image_draws: int = 1

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: K is below 2, or a stride is below 1 or stands twice.
        """
        strides = list(self.temporal_strides)
        if self.critic_frames < 2 or any(k < 1 for k in strides) or len(set(strides)) != len(strides):
            raise ConfigError(
                f"critics: critic_frames must be at least 2 and temporal_strides different numbers from 1 on, but are "
                f"{self.critic_frames} and {strides}."
            )
