"""Settings of the objective, the optimisers, the roll-out and the flow estimator."""

from dataclasses import dataclass
from typing import ClassVar

from vid2vid.config.settings import Settings, setting
from vid2vid.errors import ConfigError

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
        raise ConfigError(
            f"{key} is used with {first_key}=image only, but {first_key} is {first!r}: set {first_key}=image, or leave "
            f"{key} out."
        )


@dataclass
class ObjectiveConfig(Settings):
    """The terms of the loss and their weights; a weight of 0 leaves a term out.

    Attributes:
        adversarial: Form of the GAN loss; ``log`` is that of Eq. 6 and 7.
        image_weight: Weight of L_I, the loss by D_I.
        video_weight: Weight of L_V, the loss by D_V.
        flow_weight: λ_W of Eq. 5, the weight of L_W: predicted against reference flow, and warped against real frames.
        feature_weight: Weight of feature matching on D_I and D_V.
        consistency_weight: Weight of the distance of each frame to the one before, warped by the reference flow (not in
            the paper); for COVST the coherence loss.
        mask_weight: Weight of the mean of the mask where the reference flow is reliable (not in the paper): raise it if
            too much is hallucinated.
        perceptual_weight: Weight of the perceptual loss.
        reconstruction_weight: Weight of the L1 distance to the real frames (not in the paper): helps short trainings.
        coarser_weight: Weight of the L1 distance of the coarser scales' frames to the real ones (not in the paper).
            With 0 the output layers of a coarser scale stop learning when a finer scale is added.
        label_weight: Weight of the cross-entropy of predicted label maps; for the predictor only.
        r1_weight: Weight of the R1 penalty on D_I and D_V (Mescheder et al. 2018): half the squared gradient of the
            logit of a patch with regard to the real frames.
        r1_every: The penalty is computed in every n-th batch of an epoch only and counts n times there, which gives
            nearly the same result in less time (StyleGAN2).
        perceptual_network: Network of the perceptual loss: ``vgg19`` (torchvision) or ``hed`` (VGG16 trunk).
        perceptual_weights: File with the weights of that network; empty: those of the installed package.
        supervise_hallucinated: Apply the losses to the hallucinated frames as well; without it they learn nothing where
            the mask is small.
        mask_by_confidence: Leave out of the flow terms the pixels where the reference flow is not reliable.
        teacher_checkpoint: A checkpoint of `vid2vid train model=video` of any form and size, the teacher: F also learns
            to continue from its own frames as the teacher does (distillation); empty: no teacher. For model=video only.
        teacher_frame_weight: Weight of the L1 distance to the teacher's frames.
        teacher_flow_weight: Weight of the L1 distance to the teacher's flow; each pixel counts as far as the teacher
            uses its flow there (1 - mask).
        teacher_mask_weight: Weight of the L1 distance to the teacher's mask.
    """

    key: ClassVar[str] = "objective"

    adversarial: str = setting("least_squares", ADVERSARIAL_LOSSES)
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
    r1_weight: float = setting(0.0, ge=0)
    r1_every: int = setting(16, ge=1)
    perceptual_network: str = setting("vgg19", PERCEPTUAL_NETWORKS)
    perceptual_weights: str = ""
    supervise_hallucinated: bool = True
    mask_by_confidence: bool = True
    teacher_checkpoint: str = ""
    teacher_frame_weight: float = 10.0
    teacher_flow_weight: float = 10.0
    teacher_mask_weight: float = 1.0


@dataclass
class OptimizerConfig(Settings):
    """Adam, one optimiser for each network.

    Attributes:
        lr: Learning rate of F, and of D_I and D_V if they have none of their own.
        discriminator_lr: Learning rate of D_I and D_V (two time-scale update rule); 0: that of F.
        betas: The two decay rates of Adam.
        decay_from: Share of the training, of its epochs or of ``trainer.max_time``, whichever ends first, after which
            the learning rate falls linearly to zero, epoch by epoch; 1: it stays constant.
        ema_decay: Decay of the moving average of F's weights, which synthesis then uses; 0: no average.
        clip_norm: Greatest norm of the gradient of each network; 0: no clipping.
        freeze_coarse_epochs: Number of first epochs in which only the finest scale of the generator learns; for a new
            scale on top of trained ones.
    """

    key: ClassVar[str] = "optimizer"

    lr: float = setting(2e-4, gt=0)
    discriminator_lr: float = setting(0.0, ge=0)
    betas: list[float] = setting([0.5, 0.999], ge=0, lt=1)
    decay_from: float = setting(0.5, ge=0, le=1)
    ema_decay: float = setting(0.0, ge=0, lt=1)
    clip_norm: float = setting(0.0, ge=0)
    freeze_coarse_epochs: int = setting(0, ge=0)

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: A value is not allowed, or ``betas`` is no pair.
        """
        super().__post_init__()
        if len(self.betas) != 2:
            raise ConfigError(f"optimizer.betas must be two numbers, but is {list(self.betas)}.")


@dataclass
class RolloutConfig(Settings):
    """How F synthesises a clip in training, frame after frame.

    Attributes:
        chunk_frames: Number of frames between two steps of the optimisers; the next chunk continues from the past
            frames, detached.
        bptt_frames: Number of consecutive frames through which the gradient of F is propagated back (truncated bptt).
        recompute: Activation checkpointing: keep no activations of F, compute them again in the backward pass. Saves
            memory with many or large frames, and costs time.
        first_frame: Past of the first frame: ``given`` (the first L real frames), ``empty`` (zeros) or ``image`` (an
            image generator synthesises the first L frames).
        image_checkpoint: For ``image``: a checkpoint of ``vid2vid train model=image``.
        lead_in: Greatest number of frames of a clip that F makes without learning from them, before those it learns
            from; the number is drawn for each batch, from 0 on, short ones more often, in whole chunks. F then learns
            from what it makes late in a long video, at the cost of synthesis. ``data.clip_frames`` counts them, too.
            0: F learns from all.
        empty_every: Every n-th batch of an epoch begins from an empty past instead, so that F learns both to continue
            and to begin; 0: no batch does.
        past_noise: Greatest standard deviation of the noise on the past frames at the beginning of each chunk, for
            frames in [-1, 1]. F then learns to repair errors that add up in long videos. 0: no noise.
        memory_ahead: Share of the clips that begin with a memory of all their objects, as if each had been seen before.
            This and the next two settings are for generator.object_memory=true.
        memory_dropout: Share of the objects that are forgotten, drawn anew for each frame.
        memory_noise: Standard deviation of the noise on the remembered colour of each object, in [-1, 1].
    """

    key: ClassVar[str] = "rollout"

    chunk_frames: int = setting(4, ge=1)
    bptt_frames: int = setting(1, ge=1)
    recompute: bool = False
    first_frame: str = setting("given", FIRST_FRAMES)
    image_checkpoint: str = ""
    lead_in: int = setting(0, ge=0)
    empty_every: int = setting(0, ge=0)
    past_noise: float = setting(0.0, ge=0)
    memory_ahead: float = setting(0.5, ge=0, le=1)
    memory_dropout: float = setting(0.1, ge=0, le=1)
    memory_noise: float = setting(0.03, ge=0)

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: A value is not allowed, or ``image_checkpoint`` is missing or of no use.
        """
        super().__post_init__()
        require_image(self.first_frame, self.image_checkpoint, "rollout.first_frame", "rollout.image_checkpoint")


@dataclass
class FlowEstimatorConfig(Settings):
    """The estimator of the reference flow, for data that has none.

    Attributes:
        kind: ``dis`` (OpenCV, fast on a CPU, no weights) or ``raft`` (torchvision, more accurate, for a GPU).
        weights: File with the weights of RAFT; empty: those of torchvision.
    """

    key: ClassVar[str] = "flow_estimator"

    kind: str = setting("dis", FLOW_ESTIMATORS)
    weights: str = ""
