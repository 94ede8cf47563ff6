"""The settings of each verb of the command line."""

from dataclasses import dataclass, field
from typing import Any

from omegaconf import MISSING

from vid2vid.config.data import LoaderConfig, StreetConfig, VideoConfig
from vid2vid.config.evaluation import EvaluationConfig
from vid2vid.config.folder import FolderConfig
from vid2vid.config.networks import (
    CovstConfig,
    DiscriminatorsConfig,
    EncoderConfig,
    GeneratorConfig,
    ImageGeneratorConfig,
    PredictorConfig,
)
from vid2vid.config.optimization import FlowEstimatorConfig, ObjectiveConfig, OptimizerConfig, RolloutConfig
from vid2vid.config.prediction import PredictionConfig
from vid2vid.config.run import LoggerConfig, OutputConfig, StageConfig, TrainerConfig
from vid2vid.config.synthesis import StylesConfig, SynthesisConfig


@dataclass
class StreetData(LoaderConfig):
    """Rendered streets and how they are loaded (`LoaderConfig`).

    Attributes:
        street: What is rendered.
    """

    kind: str = "street"
    street: StreetConfig = field(default_factory=StreetConfig)


@dataclass
class VideoData(LoaderConfig, VideoConfig):
    """A video of one's own (`VideoConfig`) and how it is loaded (`LoaderConfig`)."""

    kind: str = "video"
    path: str = MISSING


@dataclass
class FolderData(LoaderConfig, FolderConfig):
    """A data set in one of the known formats (`FolderConfig`) and how it is loaded (`LoaderConfig`)."""

    kind: str = "folder"
    path: str = MISSING


@dataclass
class ManifestData(LoaderConfig):
    """A data set with a manifest and how it is loaded (`LoaderConfig`)."""

    kind: str = "manifest"
    path: str = MISSING


@dataclass
class Train:
    """``vid2vid train``.

    Attributes:
        model: ``video``: F (``generator``) with D_I and D_V; ``image``: an image generator (``image``) with D_I, for
            first frames and to compare with; ``covst``: an image generator (``image``) that carries its features on by
            the flow of the real video (``covst``), to compare with; ``predictor``: a predictor of label maps
            (``predictor``), for `vid2vid predict`.
        stages: Stages of a spatially progressive training, one after the other; empty: a training in one go.
        init_from: A checkpoint whose weights the training begins with, as far as they fit; empty: it begins anew.
        resume: Whether a training that was stopped or killed goes on from its last checkpoint; or from which one.
        preflight: Train two batches only, tell sizes, schedule, time and memory of the whole training, and stop.
    """

    model: str = "video"
    data: Any = MISSING
    generator: GeneratorConfig = field(default_factory=GeneratorConfig)
    image: ImageGeneratorConfig = field(default_factory=ImageGeneratorConfig)
    covst: CovstConfig = field(default_factory=CovstConfig)
    predictor: PredictorConfig = field(default_factory=PredictorConfig)
    discriminators: DiscriminatorsConfig = field(default_factory=DiscriminatorsConfig)
    objective: ObjectiveConfig = field(default_factory=ObjectiveConfig)
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    rollout: RolloutConfig = field(default_factory=RolloutConfig)
    flow_estimator: FlowEstimatorConfig = field(default_factory=FlowEstimatorConfig)
    encoder: EncoderConfig = field(default_factory=lambda: EncoderConfig(features=0))
    trainer: TrainerConfig = field(default_factory=TrainerConfig)
    logger: LoggerConfig = field(default_factory=LoggerConfig)
    output: OutputConfig = field(default_factory=OutputConfig)
    stages: list[StageConfig] = field(default_factory=list)
    init_from: str = ""
    run_dir: str = MISSING
    resume: Any = False
    preflight: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse stages that cannot work.

        Raises:
            ConfigError: A setting of a stage cannot work; the stage is named.
        """
        for i, stage in enumerate(self.stages):
            stage.check(f"stages.{i}")


@dataclass
class Fetch:
    """``vid2vid fetch``.

    Attributes:
        name: Which sample clip, or ``all``; empty: they are listed. Also given alone: ``vid2vid fetch dancer``.
        output: Folder to put it into; empty: ``samples`` in ``$VID2VID_CACHE`` or ``~/.cache/vid2vid``.
    """

    name: str = ""
    output: str = ""


@dataclass
class Prepare:
    """``vid2vid prepare``."""

    data: Any = MISSING
    flow_estimator: FlowEstimatorConfig = field(default_factory=FlowEstimatorConfig)


@dataclass
class Doctor:
    """``vid2vid doctor``.

    Attributes:
        data: The data set that is examined.
        generator: F that would be trained on it: its past frames, sizes and foreground decide what the data must have.
        flow_estimator: The estimator of the reference flows that the data set does not have.
        frames: Frames of each sequence that are measured, in short runs spread over it.
        all: Measure every frame of every sequence.
        strict: Count warnings as errors.
        output: Folder to write doctor.json and sheet.png into.
    """

    data: Any = MISSING
    generator: GeneratorConfig = field(default_factory=GeneratorConfig)
    flow_estimator: FlowEstimatorConfig = field(default_factory=FlowEstimatorConfig)
    frames: int = 32
    all: bool = False
    strict: bool = False
    output: str = "runs/doctor"


@dataclass
class Evaluate(EvaluationConfig):
    """``vid2vid evaluate``: models on held-out clips, or videos in folders; by what, see `EvaluationConfig`.

    Attributes:
        checkpoint: A checkpoint of `vid2vid train`, of any model; or a list of several, which are judged
            beside each other.
        generated: In place of it: a folder of synthesised videos, files or folders of images; or a list of several.
        real: The folder of the real videos of the same names, sizes and lengths.
        names: What the models or folders are called in the tables; empty: by their kinds, or their folders.
        first: F's first frames: ``given`` (real ones), ``empty`` (F starts from nothing) or ``image``.
        image_checkpoint: For ``image``: a checkpoint of an image generator, which makes them.
        given_frames: How many first frames of the generated videos are real ones and do not count.
        data: Another data set than the one of the (first) run; none: the run's own.
        val_frames: How many frames of each held-out sequence are judged, as far as it has them; 0: all; none: as the
            data says, equally many of all.
        output: Folder to write into; empty: ``evaluation`` in the run's folder, ``comparison`` in that of the first of
            several, ``runs/evaluation`` for folders.
        device: ``cpu``, ``cuda``, ...; empty: a GPU where there is one.
    """

    checkpoint: Any = None
    generated: Any = None
    real: str = ""
    names: list[str] = field(default_factory=list)
    first: str = "given"
    image_checkpoint: str = ""
    given_frames: int = 0
    data: Any = None
    val_frames: int | None = None
    output: str = ""
    device: str = ""


@dataclass
class Import:
    """``vid2vid import``.

    Attributes:
        checkpoint_dir: Folder with ``latest_net_G0.pth``, ``latest_net_G1.pth``, … or pix2pixHD's ``latest_net_G.pth``.
        output: The checkpoint to write.
        epoch: Which files: ``latest`` or the number that their names begin with.
        condition: Kind of the conditions: ``labels``, ``edges`` or ``image``.
        instance_edges: For labels: whether the last channel is the map of instance edges.
        label_ids: For labels: the ids of the channels; empty: 0, 1, 2, …
        label_names: For labels: their names; empty: none.
        foreground_labels: Names or ids of the labels that are foreground, if F has a foreground branch.
    """

    checkpoint_dir: str = MISSING
    output: str = MISSING
    epoch: str = "latest"
    condition: str = "labels"
    instance_edges: bool | None = None
    label_ids: list[int] = field(default_factory=list)
    label_names: list[str] = field(default_factory=list)
    foreground_labels: list[str] = field(default_factory=list)


@dataclass
class Compare:
    """``vid2vid compare``.

    Attributes:
        models: For each model a folder of videos (files or folders of images), or one video: ``{vid2vid: DIR, ...}``.
        output: Folder to write into: ``page/`` for the viewers, and ``key.json``, which viewers must not get.
        condition: A folder of videos or one video of the conditions, shown beside each pair; empty: none.
        real: A folder of videos or one video of the real frames, shown beside each pair; empty: none.
        question: What viewers are asked.
        fps: Frames a second; 0: those of the videos.
        seed: Determines which model is on which side, and the order of the pairs.
    """

    models: Any = MISSING
    output: str = "runs/comparison"
    condition: str = ""
    real: str = ""
    question: str = "Which looks more realistic?"
    fps: float = 0.0
    seed: int = 0


@dataclass
class Tally:
    """``vid2vid tally``.

    Attributes:
        key: The ``key.json`` of `vid2vid compare`.
        votes: The files that viewers have saved.
        output: Folder to write tally.json and tally.md into; empty: that of the key.
    """

    key: str = MISSING
    votes: list[str] = MISSING
    output: str = ""


COMMANDS: dict[str, type] = {
    "fetch": Fetch,
    "train": Train,
    "prepare": Prepare,
    "doctor": Doctor,
    "synthesize": SynthesisConfig,
    "styles": StylesConfig,
    "predict": PredictionConfig,
    "evaluate": Evaluate,
    "compare": Compare,
    "tally": Tally,
    "import": Import,
}
"""The settings of each verb."""

DATA: dict[str, type[LoaderConfig]] = {
    "street": StreetData,
    "video": VideoData,
    "folder": FolderData,
    "manifest": ManifestData,
}
"""The settings of each kind of data (``data.kind``)."""
