"""Settings of F, D_I and D_V."""

from dataclasses import dataclass, field

from vid2vid.errors import ConfigError, choose

NORMS = ("instance", "batch", "current_batch")
UPSAMPLINGS = ("transposed", "resize")
FOREGROUNDS = ("none", "prior", "overwrite")
FINER_HEADS = ("own", "residual")
INTERPOLATIONS = ("bilinear", "cubic")
VIDEO_WINDOWS = ("drawn", "all", "sparse")


@dataclass
class GeneratorConfig:
    """Size and form of F.

    Attributes:
        past_frames: L, how many of its own earlier frames F sees (Eq. 3).
        scales: Spatial scales, coarse to fine; each finer one doubles the resolution and halves the width.
        base_channels: Width of the first layer of the coarsest scale (128 in the paper); doubles with each
            downsampling.
        downsamples: Number of stride-2 layers of the coarsest scale; finer ones have one.
        blocks: Residual blocks of the coarsest scale from the stems to the heads; the stems keep ``ceil(blocks / 2)``
            of them each.
        finer_blocks: Residual blocks of each finer scale.
        norm: ``instance`` or ``batch`` normalisation; ``current_batch`` is batch norm that takes the statistics of the
            current batch at test, too, as the reference does.
        upsampling: ``transposed`` convolutions as in the paper, or ``resize``: nearest neighbours, then a convolution,
            which leaves no checkerboard (Odena et al. 2016) and costs more.
        flow_scale: Factor of W's last layer at the coarsest scale, in pixels; doubles with each finer one.
        finer_heads: How the last layers of a finer scale draw: each its ``own`` as in the paper, or a ``residual`` on
            what the coarser scale drew, before tanh and sigmoid, as in a Laplacian pyramid (Denton et al. 2015). With
            it, a scale that joins begins with the coarser one's flow, mask and hallucination, and has only the fine
            parts to learn.
        interpolation: How w̃ fetches points between pixels: ``bilinear`` as in the paper, or ``cubic``, which blurs less
            from frame to frame (`vid2vid.ops.warp`).
        use_flow: False leaves out W and M: every frame is hallucinated.
        foreground: ``none``, ``prior`` (Eq. 9: h_F and h_B are blended inside h) or ``overwrite`` (h_F stands over all
            else, as in the reference).
        foreground_labels: The labels, by name or id, that are foreground; empty if the data brings a mask.
        foreground_channels: Width of the first layer of h_F's network at the coarsest scale; 0: as ``base_channels``,
            or half of it where there are more than 2 downsamplings.
    """

    past_frames: int = 2
    scales: int = 1
    base_channels: int = 128
    downsamples: int = 3
    blocks: int = 9
    finer_blocks: int = 3
    norm: str = "instance"
    upsampling: str = "transposed"
    flow_scale: float = 20.0
    finer_heads: str = "own"
    interpolation: str = "bilinear"
    use_flow: bool = True
    foreground: str = "none"
    foreground_labels: list[str] = field(default_factory=list)
    foreground_channels: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: A number is too small, a width cannot be halved for each finer scale, or a name is unknown.
        """
        choose(self.foreground, FOREGROUNDS, "generator.foreground")
        choose(self.finer_heads, FINER_HEADS, "generator.finer_heads")
        choose(self.interpolation, INTERPOLATIONS, "generator.interpolation")
        least = {"past_frames": 1, "scales": 1, "base_channels": 1, "downsamples": 0, "blocks": 2, "finer_blocks": 0}
        _check_network(self, "generator", {**least, "foreground_channels": 0})
        _check_halvings(self, "generator", "base_channels", "foreground_channels")

    @property
    def multiple(self) -> int:
        """Height and width are brought to a multiple of this inside F."""
        return int(2 ** (self.downsamples + self.scales - 1))


@dataclass
class ImageGeneratorConfig:
    """Size and form of the image generator (pix2pixHD).

    Attributes:
        scales: 1 for the global generator alone; each more adds a local enhancer.
        base_channels: Width of the first layer of the global generator; halves with each local enhancer.
        downsamples: Number of stride-2 layers of the global generator.
        blocks: Residual blocks of the global generator.
        finer_blocks: Residual blocks of each local enhancer.
        norm: As in `GeneratorConfig`.
        upsampling: As in `GeneratorConfig`.
    """

    scales: int = 1
    base_channels: int = 64
    downsamples: int = 4
    blocks: int = 9
    finer_blocks: int = 3
    norm: str = "instance"
    upsampling: str = "transposed"

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: A number is too small, the width cannot be halved for each enhancer, or a name is unknown.
        """
        least = {"scales": 1, "base_channels": 1, "downsamples": 0, "blocks": 0, "finer_blocks": 0}
        _check_network(self, "image", least)
        _check_halvings(self, "image", "base_channels")

    @property
    def multiple(self) -> int:
        """Height and width are brought to a multiple of this inside the generator."""
        return int(2 ** (self.downsamples + self.scales - 1))


@dataclass
class CovstConfig:
    """How COVST's generator carries features on.

    Attributes:
        mask_channels: Width of the network that makes the mask m.
        interpolation: As in `GeneratorConfig`, for features.
    """

    mask_channels: int = 32
    interpolation: str = "bilinear"

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: The number is too small, or the interpolation is unknown.
        """
        choose(self.interpolation, INTERPOLATIONS, "covst.interpolation")
        if self.mask_channels < 1:
            raise ConfigError(f"covst.mask_channels must be at least 1, but is {self.mask_channels}.")


@dataclass
class EncoderConfig:
    """Size and form of the feature encoder E.

    Attributes:
        features: d, numbers of each pixel; 0: there is no encoder.
        base_channels: Width of the first layer.
        downsamples: Number of stride-2 layers.
        norm: As in `GeneratorConfig`; ``batch`` leaves it the colours and the light of a whole frame, which
            ``instance`` takes away from it.
        upsampling: As in `GeneratorConfig`.
    """

    features: int = 3
    base_channels: int = 16
    downsamples: int = 4
    norm: str = "batch"
    upsampling: str = "transposed"

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: A number is too small or a name is unknown.
        """
        _check_network(self, "encoder", {"features": 0, "base_channels": 1, "downsamples": 0})


@dataclass
class PatchDiscriminatorConfig:
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
        choose(self.norm, NORMS[:2], "discriminator.norm")
        for name in ("base_channels", "layers", "scales"):
            if getattr(self, name) < 1:
                raise ConfigError(f"discriminator.{name} must be at least 1, but is {getattr(self, name)}.")


@dataclass
class DiscriminatorsConfig:
    """D_I and D_V.

    Attributes:
        image: Size and form of D_I.
        video: Size and form of D_V, the same for each temporal scale.
        discriminator_frames: K, how many frames D_V sees.
        temporal_strides: The temporal scales of D_V: 3 means every third frame; each has its own D_V. Scales
            longer than a clip are not trained on it.
        image_draws: How many frames of a chunk φ_I picks for D_I; 0 means all.
        video_windows: Which of the windows that end in a chunk each D_V is asked about: ``drawn`` (``video_draws`` of
            them, at random), ``all`` that follow on each other up to the newest frame, as the reference does, or
            ``sparse``: those that share no frame with each other over the whole clip, so that a D_V of stride k is
            asked once in K · k frames, not in each chunk; with short chunks that costs least.
        video_draws: How many windows φ_V draws for each D_V with ``drawn``; 0 means ``all``. Else it is not used.
    """

    image: PatchDiscriminatorConfig = field(default_factory=PatchDiscriminatorConfig)
    video: PatchDiscriminatorConfig = field(default_factory=PatchDiscriminatorConfig)
    discriminator_frames: int = 3
    temporal_strides: list[int] = field(default_factory=lambda: [1, 3, 9])
    image_draws: int = 1
    video_windows: str = "drawn"
    video_draws: int = 1

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: K is below 2, a stride is below 1 or stands twice, or the windows' name is unknown.
        """
        choose(self.video_windows, VIDEO_WINDOWS, "discriminators.video_windows")
        strides = list(self.temporal_strides)
        if self.discriminator_frames < 2 or any(k < 1 for k in strides) or len(set(strides)) != len(strides):
            raise ConfigError(
                "discriminators: discriminator_frames must be at least 2 and temporal_strides different numbers from 1 "
                "on, but are "
                f"{self.discriminator_frames} and {strides}."
            )


def _check_network(
    config: GeneratorConfig | ImageGeneratorConfig | EncoderConfig, key: str, least: dict[str, int]
) -> None:
    choose(config.norm, NORMS, f"{key}.norm")
    choose(config.upsampling, UPSAMPLINGS, f"{key}.upsampling")
    for name, value in least.items():
        if getattr(config, name) < value:
            raise ConfigError(f"{key}.{name} must be at least {value}, but is {getattr(config, name)}.")


def _check_halvings(config: GeneratorConfig | ImageGeneratorConfig, key: str, *names: str) -> None:
    halvings = 2 ** (config.scales - 1)
    for name in names:
        if getattr(config, name) % halvings:
            raise ConfigError(
                f"{key}.{name} must be a multiple of {halvings} for scales={config.scales}, which halves it with each "
                f"finer scale, but is {getattr(config, name)}."
            )
