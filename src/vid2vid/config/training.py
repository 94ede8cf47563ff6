"""Settings of the objective, the optimisers, the roll-out and the flow estimator."""

from dataclasses import dataclass, field

from vid2vid.errors import ConfigError, choose

ADVERSARIAL_LOSSES = ("least_squares", "log", "hinge")
PERCEPTUAL_NETWORKS = ("vgg19", "hed")
FIRST_FRAMES = ("given", "empty", "image")
FLOW_ESTIMATORS = ("dis", "raft")


def require_image(first: str, checkpoint: str, first_key: str, key: str) -> None:
    """Refuse first frames of an image generator without its checkpoint, and a checkpoint that nothing uses.

    Args:
        first: One of `FIRST_FRAMES`.
        checkpoint: The path, or empty.
        first_key: Where ``first`` stands in the configuration.
        key: Where ``checkpoint`` stands.

    Raises:
        ConfigError: One is given without the other.
    """
    if first == "image" and not checkpoint:
        raise ConfigError(f"{first_key}=image needs {key}: the path of a checkpoint of `vid2vid train model=image`.")
    if checkpoint and first != "image":
        raise ConfigError(f"{key} is used with {first_key}=image only, but {first_key} is {first!r}.")


@dataclass
class ObjectiveConfig:
    """The form and the weights of the terms.

    Attributes:
        adversarial: ``least_squares``, ``log`` (Eq. 6, 7) or ``hinge``.
        image_weight: Weight of L_I.
        video_weight: Weight of L_V.
        flow_weight: λ_W of Eq. 5, for both terms of L_W.
        feature_weight: Weight of feature matching on D_I and D_V.
        consistency_weight: Weight of x̃_t against x̃_{t-1} moved by the reference flow (not in the paper's text);
            of COVST the coherence loss.
        mask_weight: Weight of the mean of m̃ where the reference flow is trusted (not in the paper); 0 leaves it out.
        perceptual_weight: Weight of the perceptual loss; 0 leaves it out.
        reconstruction_weight: Weight of the plain L1 distance to the real frame (not in the paper); 0 leaves it out.
        coarser_weight: Weight of the L1 distance of the coarser scales' frames (not in the paper). With 0 the last
            layers of a coarser scale learn only while it is the finest one: before the next joins.
        label_weight: Weight of the cross-entropy of predicted label maps; of a predictor only.
        perceptual_network: ``vgg19`` (torchvision) or ``hed`` (VGG16 trunk).
        perceptual_weights: A file with the network's weights; empty: those of the installed package.
        supervise_hallucinated: Judge h̃ as x̃ is; without it H learns nothing where m is small.
        mask_by_confidence: Leave out of the flow terms the points that the reference flow is unsure of.
    """

    adversarial: str = "least_squares"
    image_weight: float = 1.0
    video_weight: float = 1.0
    flow_weight: float = 10.0
    feature_weight: float = 10.0
    consistency_weight: float = 10.0
    mask_weight: float = 0.0
    perceptual_weight: float = 0.0
    reconstruction_weight: float = 0.0
    coarser_weight: float = 0.0
    label_weight: float = 1.0
    perceptual_network: str = "vgg19"
    perceptual_weights: str = ""
    supervise_hallucinated: bool = True
    mask_by_confidence: bool = True

    def __post_init__(self) -> None:
        """Refuse unknown names.

        Raises:
            ConfigError: The form of the GAN loss or the perceptual network is unknown.
        """
        choose(self.adversarial, ADVERSARIAL_LOSSES, "objective.adversarial")
        choose(self.perceptual_network, PERCEPTUAL_NETWORKS, "objective.perceptual_network")


@dataclass
class OptimizerConfig:
    """Adam as in the paper.

    Attributes:
        lr: Learning rate of F, and of D_I and D_V if they have none of their own.
        discriminator_lr: Learning rate of D_I and D_V (two time-scale rule); 0: that of F.
        betas: Adam's two decay rates.
        decay_from: Part of the epochs after which the rate falls linearly to zero; 1 keeps it constant.
        ema_decay: Decay of the running average of F's weights, which synthesis then uses; 0: no average is kept.
        clip_norm: Largest norm of each network's gradient; 0 leaves it as it is.
        freeze_coarse_epochs: First epochs in which only the finest spatial scale of the generator learns, while the
            coarser ones, which are trained already, stay as they are.
    """

    lr: float = 2e-4
    discriminator_lr: float = 0.0
    betas: list[float] = field(default_factory=lambda: [0.5, 0.999])
    decay_from: float = 0.5
    ema_decay: float = 0.0
    clip_norm: float = 0.0
    freeze_coarse_epochs: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: A number is out of its range.
        """
        if not 0 <= self.ema_decay < 1:
            raise ConfigError(f"optimizer.ema_decay must lie in 0..1, below 1, but is {self.ema_decay}.")
        if self.freeze_coarse_epochs < 0:
            raise ConfigError(
                f"optimizer.freeze_coarse_epochs must not be below 0, but is {self.freeze_coarse_epochs}."
            )
        if self.lr <= 0 or self.discriminator_lr < 0 or not 0 <= self.decay_from <= 1 or len(self.betas) != 2:
            raise ConfigError(
                f"optimizer: lr must be positive, decay_from in 0..1 and betas a pair, but lr={self.lr}, "
                f"decay_from={self.decay_from}, betas={list(self.betas)}."
            )


@dataclass
class RolloutConfig:
    """How a clip is rolled out in training.

    Attributes:
        chunk_frames: Frames between two steps of the optimisers; the history is carried on, detached.
        bptt_frames: Through how many frames in a row the gradient of F runs.
        recompute: Keep none of F's activations, compute them again in the backward pass (activation checkpointing): for
            gradients through many frames, or large ones.
        first_frame: ``given`` (the first L real frames are F's past), ``empty`` (F starts from nothing) or ``image``
            (an image generator makes the first L frames from their conditions).
        image_checkpoint: For ``image``: a checkpoint of ``vid2vid train model=image``.
        past_noise: Greatest strength of the noise on the past that F is given at the beginning of each chunk, in
            standard deviations of frames in [-1, 1]: F learns to repair what goes wrong in long videos. 0: none.
    """

    chunk_frames: int = 4
    bptt_frames: int = 1
    recompute: bool = False
    first_frame: str = "given"
    image_checkpoint: str = ""
    past_noise: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: A number is too small, ``first_frame`` is unknown, or ``image_checkpoint`` is missing or of no
                use.
        """
        choose(self.first_frame, FIRST_FRAMES, "rollout.first_frame")
        require_image(self.first_frame, self.image_checkpoint, "rollout.first_frame", "rollout.image_checkpoint")
        if self.chunk_frames < 1 or self.bptt_frames < 1:
            raise ConfigError("rollout.chunk_frames and rollout.bptt_frames must be at least 1.")
        if self.past_noise < 0:
            raise ConfigError(f"rollout.past_noise must not be negative, but is {self.past_noise}.")


@dataclass
class FlowEstimatorConfig:
    """Which flow estimator.

    Attributes:
        kind: ``dis`` (OpenCV, no weights) or ``raft`` (torchvision).
        weights: For RAFT, a file of weights; empty for torchvision's own.
    """

    kind: str = "dis"
    weights: str = ""

    def __post_init__(self) -> None:
        """Refuse an unknown kind.

        Raises:
            ConfigError: ``kind`` is not known.
        """
        choose(self.kind, FLOW_ESTIMATORS, "flow_estimator.kind")
