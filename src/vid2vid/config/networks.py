"""Settings of the networks: generators, encoder and discriminators."""

from dataclasses import dataclass, field, fields
from typing import ClassVar

from vid2vid.config.settings import Settings, setting
from vid2vid.errors import ConfigError

NORMS = ("instance", "batch", "current_batch")
DISCRIMINATOR_NORMS = ("instance", "batch", "spectral")
AUGMENTATIONS = ("colour", "translation", "shift", "cutout")
UPSAMPLINGS = ("transposed", "resize")
FOREGROUNDS = ("none", "prior", "overwrite")
FINER_HEADS = ("own", "residual")
FORMS = ("paper", "efficient")
INTERPOLATIONS = ("bilinear", "cubic", "fine")
_OF_THE_PAPER = ("norm", "finer_heads")
VIDEO_WINDOWS = ("drawn", "all", "sparse")


@dataclass
class GeneratorConfig(Settings):
    """The generator F of model=video.

    Attributes:
        form: ``paper``: the layers of the paper; ``efficient``: one U-Net with most of its work at low resolution.
        past_frames: L, the number of its own past frames that F sees (Eq. 3).
        scales: Number of spatial scales; each finer one doubles the resolution and halves the width.
        base_channels: Channels of the first layer of the coarsest scale (128 in the paper); they double with each
            downsampling. The levels of the efficient form have 1, 2, 3, ... times as many.
        downsamples: Number of stride-2 layers of the coarsest scale; finer scales have one. The efficient form begins
            with a stride-2 layer: it needs at least 2, and its finer scales have one more.
        blocks: Residual blocks of the coarsest scale between input and output; each of the two input branches has
            ``ceil(blocks / 2)`` of them. In the efficient form those at the lowest resolution.
        finer_blocks: Residual blocks of each finer scale.
        norm: Normalisation. ``current_batch`` is batch norm that uses the statistics of the current batch at test time
            too, as the reference implementation does. The efficient form has group norm, and no norm in the layers that
            draw the frame.
        upsampling: ``transposed`` convolutions as in the paper, or ``resize``: nearest neighbour, then a convolution,
            which avoids checkerboard patterns (Odena et al. 2016) and is slower. In the efficient form transposed
            convolutions of 2x2 pixels, or bilinear interpolation, which is as fast but learns more slowly.
        fine_channels: In the efficient form: channels between two convolutions at full resolution that finish the
            hallucinated frame. 0: none; four pixels drawn from one place then leave dots on every second one.
        flow_scale: Factor from the output of the flow layer to pixels at the coarsest scale; doubles with each finer
            scale.
        finer_heads: Output layers of a finer scale: its ``own`` as in the paper, or a ``residual`` on the output of the
            coarser scale before tanh and sigmoid, as in a Laplacian pyramid (Denton et al. 2015). With ``residual`` a
            new scale starts from the flow, mask and hallucination of the coarser one and learns the details only; the
            efficient form always does so.
        interpolation: Interpolation of warped frames: ``bilinear`` as in the paper, ``cubic``, which blurs less over
            many frames, or ``fine``, cubic on a grid of half pixels, which blurs least.
        use_flow: Predict flow and mask; without them every frame is hallucinated as a whole.
        foreground: ``prior`` (Eq. 9) blends separate foreground and background hallucinations; ``overwrite`` puts the
            foreground over warped and hallucinated frames alike, as the reference implementation does.
        foreground_labels: Names or ids of the foreground labels; empty if the data brings foreground masks.
        foreground_channels: Channels of the first layer of the foreground network at the coarsest scale; 0: as
            ``base_channels``, or half of it with more than 2 downsamplings in the paper's form.
        object_memory: Show F the mean colour that each object had when it was first drawn, so that the object keeps its
            colour (not in the paper). The data must have object ids.
        motion_prior: W begins from the motion vectors of the data (``data.planes=[motion]``), and F draws what is added
            to them (not in the paper). In the efficient form W begins from ``data.object_motion`` without this setting.
    """

    key: ClassVar[str] = "generator"

    form: str = setting("paper", FORMS)
    past_frames: int = setting(2, ge=1)
    scales: int = setting(1, ge=1, le=10)
    base_channels: int = setting(128, ge=1)
    downsamples: int = setting(3, ge=0, le=10)
    blocks: int = setting(9, ge=2, le=1000)
    finer_blocks: int = setting(3, ge=0, le=1000)
    norm: str = setting("instance", NORMS)
    upsampling: str = setting("transposed", UPSAMPLINGS)
    fine_channels: int = setting(0, ge=0)
    flow_scale: float = 20.0
    finer_heads: str = setting("own", FINER_HEADS)
    interpolation: str = setting("bilinear", INTERPOLATIONS)
    use_flow: bool = True
    foreground: str = setting("none", FOREGROUNDS)
    foreground_labels: list[str] = field(default_factory=list)
    foreground_channels: int = setting(0, ge=0)
    object_memory: bool = False
    motion_prior: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: A value is not allowed, a width cannot be halved for each finer scale, or a setting has no
                effect with this form.
        """
        super().__post_init__()
        _check_halvings(self, "base_channels", "foreground_channels")
        if self.motion_prior and not self.use_flow:
            raise ConfigError(
                "generator.motion_prior=true has no effect with generator.use_flow=false, which leaves W out: change "
                "one of them."
            )
        if self.form != "efficient":
            if self.fine_channels:
                raise ConfigError(
                    f"generator.fine_channels={self.fine_channels} has no effect with generator.form={self.form}: set "
                    "it to 0, or set generator.form=efficient."
                )
            return
        if self.downsamples < 2:
            raise ConfigError(
                f"generator.downsamples must be at least 2 for generator.form=efficient, but is {self.downsamples}."
            )
        for f in fields(self):
            value = getattr(self, f.name)
            if f.name in _OF_THE_PAPER and value != f.default:
                raise ConfigError(
                    f"generator.{f.name}={value} has no effect with generator.form=efficient: leave it out, or set "
                    "generator.form=paper."
                )

    @property
    def multiple(self) -> int:
        """F pads height and width to a multiple of this."""
        return int(2 ** (self.downsamples + self.scales - 1))

    @property
    def needs_masks(self) -> bool:
        """Whether masks of the foreground come with the conditions, since no labels tell it."""
        return self.foreground != "none" and not self.foreground_labels


@dataclass
class ImageGeneratorConfig(Settings):
    """The image generator (pix2pixHD) of model=image and model=covst.

    Attributes:
        scales: 1: the global generator alone; each further scale adds a local enhancer.
        base_channels: Channels of the first layer of the global generator; each local enhancer halves them.
        downsamples: Number of stride-2 layers of the global generator.
        blocks: Residual blocks of the global generator.
        finer_blocks: Residual blocks of each local enhancer.
        norm: Normalisation, as for the generator F.
        upsampling: ``transposed`` convolutions, or ``resize``, which avoids checkerboard patterns and is slower.
    """

    key: ClassVar[str] = "image"

    scales: int = setting(1, ge=1, le=10)
    base_channels: int = setting(64, ge=1)
    downsamples: int = setting(4, ge=0, le=10)
    blocks: int = setting(9, ge=0, le=1000)
    finer_blocks: int = setting(3, ge=0, le=1000)
    norm: str = setting("instance", NORMS)
    upsampling: str = setting("transposed", UPSAMPLINGS)

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: A value is not allowed, or the width cannot be halved for each local enhancer.
        """
        super().__post_init__()
        _check_halvings(self, "base_channels")

    @property
    def multiple(self) -> int:
        """The generator pads height and width to a multiple of this."""
        return int(2 ** (self.downsamples + self.scales - 1))


@dataclass
class CovstConfig(Settings):
    """What model=covst adds to the image generator: its features are warped by the flow of the real video.

    Attributes:
        mask_channels: Channels of the network that predicts the mask.
        interpolation: Interpolation of warped features.
    """

    key: ClassVar[str] = "covst"

    mask_channels: int = setting(32, ge=1)
    interpolation: str = setting("bilinear", INTERPOLATIONS)


@dataclass
class EncoderConfig(Settings):
    """The feature encoder E of model=video, for synthesis in many styles.

    Attributes:
        features: Number of features per pixel; 0: no encoder.
        base_channels: Channels of the first layer.
        downsamples: Number of stride-2 layers.
        norm: Normalisation. ``instance`` removes the colours and the light of a frame, which ``batch`` keeps.
        upsampling: ``transposed`` convolutions, or ``resize``, which avoids checkerboard patterns and is slower.
    """

    key: ClassVar[str] = "encoder"

    features: int = setting(3, ge=0)
    base_channels: int = setting(16, ge=1)
    downsamples: int = setting(4, ge=0, le=10)
    norm: str = setting("batch", NORMS)
    upsampling: str = setting("transposed", UPSAMPLINGS)


@dataclass
class PredictorConfig(Settings):
    """The predictor of label maps of model=predictor.

    Attributes:
        past_frames: L, the number of past label maps that it sees.
        base_channels: Channels of the first layer.
        downsamples: Number of stride-2 layers.
        blocks: Residual blocks. Half of them are shared, the others belong to flow and mask, and again to the
            hallucination.
        norm: Normalisation, as for the generator F.
        upsampling: ``transposed`` convolutions, or ``resize``, which avoids checkerboard patterns and is slower.
        flow_scale: Factor from the output of the flow layer to pixels.
    """

    key: ClassVar[str] = "predictor"

    past_frames: int = setting(4, ge=1)
    base_channels: int = setting(16, ge=1)
    downsamples: int = setting(2, ge=0, le=10)
    blocks: int = setting(6, ge=2, le=1000)
    norm: str = setting("instance", NORMS)
    upsampling: str = setting("resize", UPSAMPLINGS)
    flow_scale: float = 4.0

    @property
    def multiple(self) -> int:
        """The predictor pads height and width to a multiple of this."""
        return int(2**self.downsamples)


@dataclass
class PatchDiscriminatorConfig(Settings):
    """A multi-scale patch discriminator.

    Attributes:
        base_channels: Channels of the first layer (64 in the paper); they double with each layer.
        layers: Number of stride-2 layers.
        scales: Number of spatial scales, each with its own network; each sees the frames at half the size of the one
            before.
        norm: Normalisation of the features (``instance`` or ``batch``), or of the weights in their place (``spectral``,
            Miyato et al. 2018).
        augment: Differentiable augmentation (Zhao et al. 2020), drawn anew for each view and the same for real and
            fake: ``colour`` of the frames, ``translation`` by up to an eighth, ``cutout`` of half the height and width;
            and ``shift`` by up to 4 pixels, against dots and checkers in F's frames. Empty: none.
    """

    key: ClassVar[str] = "discriminator"

    base_channels: int = setting(64, ge=1)
    layers: int = setting(3, ge=1, le=10)
    scales: int = setting(2, ge=1, le=10)
    norm: str = setting("instance", DISCRIMINATOR_NORMS)
    augment: list[str] = setting([], AUGMENTATIONS)


@dataclass
class DiscriminatorsConfig(Settings):
    """The discriminators: D_I of frames, D_V of windows of frames.

    Attributes:
        image: D_I, which judges single frames.
        video: D_V, which judges windows of frames; all temporal scales have the same size.
        discriminator_frames: K, the number of frames that D_V sees.
        temporal_strides: One D_V for each temporal scale: stride 3 sees every third frame. Scales that are longer than
            a clip are not trained on it.
        image_draws: Number of frames per chunk that are drawn for D_I; 0: all.
        video_windows: Windows per chunk for each D_V: ``drawn`` (``video_draws`` random ones), ``all`` consecutive ones
            up to the newest frame, as in the reference implementation, or ``sparse``: windows of the whole clip that
            share no frame, so that a D_V of stride k sees one window in K · k frames, which is fastest for short
            chunks.
        video_draws: Number of windows that ``drawn`` draws for each D_V; 0: all.
    """

    key: ClassVar[str] = "discriminators"

    image: PatchDiscriminatorConfig = field(default_factory=PatchDiscriminatorConfig)
    video: PatchDiscriminatorConfig = field(default_factory=PatchDiscriminatorConfig)
    discriminator_frames: int = setting(3, ge=2)
    temporal_strides: list[int] = setting([1, 3, 9], distinct=True, ge=1)
    image_draws: int = setting(1, ge=0)
    video_windows: str = setting("drawn", VIDEO_WINDOWS)
    video_draws: int = setting(1, ge=0)


def _check_halvings(config: GeneratorConfig | ImageGeneratorConfig, *names: str) -> None:
    halvings = 2 ** (config.scales - 1)
    for name in names:
        if getattr(config, name) % halvings:
            raise ConfigError(
                f"{config.key}.{name} must be a multiple of {halvings} for scales={config.scales}, since each finer "
                f"scale halves it, but is {getattr(config, name)}."
            )
