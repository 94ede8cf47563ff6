"""The settings of each verb of the command line."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from omegaconf import MISSING

from vid2vid.config.data import build_data
from vid2vid.config.evaluation import EvaluationConfig
from vid2vid.config.exports import ExportConfig
from vid2vid.config.live import LiveConfig
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
from vid2vid.config.settings import setting
from vid2vid.config.studio import StudioConfig
from vid2vid.config.synthesis import StylesConfig, SynthesisConfig
from vid2vid.errors import ConfigError


@dataclass
class Train:
    """Train a model.

    Everything is written into ``run_dir``: config.yaml, metrics.csv, checkpoints and previews. With ``-m`` and several
    values of a setting, as in seed=0,1, it trains once for each, in the folders 0, 1, ... of ``run_dir``.

    Attributes:
        model: ``video``: F (settings ``generator``) with D_I and D_V. ``image``: an image generator (``image``) with
            D_I, for first frames and as a baseline. ``covst``: an image generator (``image``) that warps its features
            by the flow of the real video (``covst``), as a baseline. ``predictor``: a predictor of label maps
            (``predictor``) for `vid2vid predict`.
        stages: Stages of a spatially progressive training, one after the other; empty: one training. The settings of N
            stages are stages.0 to stages.N-1; a value of 0 means that of the whole training.
        init_from: Checkpoint whose weights the training starts from, as far as they fit; empty: new weights.
        run_dir: Folder of the run.
        resume: ``true``: resume a training that was stopped or killed from its last checkpoint; ``auto``: the same if
            there is one, else begin; or the path of the checkpoint to resume from.
        preflight: Train two batches only and report sizes, schedule, time and memory of the whole training.
        seed: Seed of all random numbers of the training.
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
        """Build the settings of data that are a mapping, and refuse stages that cannot work.

        Raises:
            ConfigError: The seed, a setting of the data or of a stage cannot work; the stage is named.
        """
        self.data = build_data(self.data)
        if not 0 <= self.seed < 2**32:
            raise ConfigError(f"seed must be at least 0 and below 2^32, but is {self.seed}.")
        for i, stage in enumerate(self.stages):
            stage.check(f"stages.{i}")


@dataclass
class Fetch:
    """Download a sample clip, or list them.

    Attributes:
        name: The sample clip, or ``all``; empty: list them. ``vid2vid fetch dancer`` is short for name=dancer.
        output: Folder to write to; empty: ``samples`` in ``$VID2VID_CACHE`` or ``~/.cache/vid2vid``.
    """

    name: str = ""
    output: str = ""


@dataclass
class Prepare:
    """Make a data set ready: render streets, check videos, extract conditions, compute reference flow."""

    data: Any = MISSING
    flow_estimator: FlowEstimatorConfig = field(default_factory=FlowEstimatorConfig)


@dataclass
class Doctor:
    """Check a data set before it is trained on.

    The exit status is 0 if it can be trained on, and 2 if there are errors, or with strict=true warnings.

    Attributes:
        generator: The F that will be trained on the data: its past frames, sizes and foreground determine what the data
            must have.
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
    """Evaluate models on held-out clips, or folders of videos against real ones.

    Attributes:
        checkpoint: Checkpoint of `vid2vid train`, of any model, or a list of several to compare.
        generated: Instead of ``checkpoint``: a folder of synthesised videos (files or folders of images), or a list of
            several to compare.
        real: For ``generated``: the folder of the real videos, with the same names, sizes and lengths.
        names: Names of the models or folders in the tables; empty: from their kinds or paths.
        first: First frames of F: ``given`` (real ones), ``empty`` (zeros) or ``image`` (an image generator synthesises
            them).
        image_checkpoint: For first=image: a checkpoint of an image generator.
        given_frames: For ``generated``: number of first frames that are real ones and are not evaluated.
        data: Another data set than that of the run that wrote the (first) checkpoint.
        val_frames: Number of frames of each held-out sequence; 0: all; null: as in the data, the same for all.
        output: Folder to write to; empty: ``evaluation`` in the folder of the run, ``comparison`` in that of the first
            of several, or ``runs/evaluation`` for folders.
        device: ``cpu``, ``cuda``, ...; empty: a GPU if there is one.
    """

    checkpoint: Any = None
    generated: Any = None
    real: str = ""
    names: list[str] = field(default_factory=list)
    first: str = "given"
    image_checkpoint: str = ""
    given_frames: int = setting(0, ge=0)
    data: Any = None
    val_frames: int | None = setting(None, ge=0)
    output: str = ""
    device: str = ""


@dataclass
class Import:
    """Convert checkpoints of NVIDIA's vid2vid or pix2pixHD.

    Attributes:
        checkpoint_dir: Folder with ``latest_net_G0.pth``, ``latest_net_G1.pth``, ... or ``latest_net_G.pth`` of
            pix2pixHD.
        output: Checkpoint to write.
        epoch: The files to read: ``latest``, or the number at the beginning of their names.
        condition: Kind of the condition.
        instance_edges: For labels: whether the last channel is the map of instance edges; must be given for labels.
        label_ids: For labels: the id of each channel; empty: 0, 1, 2, ...
        label_names: For labels: their names; empty: none.
        foreground_labels: Names or ids of the foreground labels, if the generator has a foreground branch.
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
    """Make a page for a blind user study that compares the videos of models.

    Videos of the same name show the same scene: vid2vid compare 'models={vid2vid:DIR,pix2pixHD:DIR}' real=DIR

    Attributes:
        models: For each model a folder of videos (files or folders of images), or one video: ``{vid2vid: DIR, ...}``.
        output: Folder to write into: ``page/`` for the viewers, and ``key.json``, which the viewers must not see.
        condition: A folder of videos or one video of the conditions, shown beside each pair; empty: none.
        real: A folder of videos or one video of the real frames, shown beside each pair; empty: none.
        question: What viewers are asked.
        fps: Frames a second; 0: those of the videos.
        checks: Number of attention checks among the pairs: a real video (without ``real`` a model's) beside the same in
            coarse blocks. Viewers who prefer the blocks fail the check.
        seed: Determines which model is on which side, and the order of the pairs.
    """

    models: Any = MISSING
    output: str = "runs/comparison"
    condition: str = ""
    real: str = ""
    question: str = "Which looks more realistic?"
    fps: float = 0.0
    checks: int = 2
    seed: int = 0


@dataclass
class Tally:
    """Count the votes of a user study.

    Attributes:
        key: The ``key.json`` of `vid2vid compare`.
        votes: The files that the viewers have saved.
        leave_out_failed: Do not count viewers who have failed an attention check.
        output: Folder to write tally.json and tally.md to; empty: that of the key.
    """

    key: str = MISSING
    votes: list[str] = MISSING
    leave_out_failed: bool = False
    output: str = ""


@dataclass
class Share:
    """Write a trained model as a folder for others, or push it to huggingface's hub.

    The folder has the weights of the generator (``model.safetensors``), its settings (``config.json``) and a card of
    what is known of it (``README.md``). ``checkpoint=`` of all verbs takes it.

    Attributes:
        checkpoint: A checkpoint of `vid2vid train`, of any model, or a model folder.
        output: Folder to write to; empty: none, for ``hub`` alone.
        hub: Id of the model on the hub, ``owner/name``, to push it to (extra ``hub``; log in with ``hf auth login``);
            empty: no network.
        private: Whether a model that is new on the hub is private.
        evaluation: The folder that `vid2vid evaluate` wrote for these weights: figures and sheet come into the card;
            empty: that in the folder of the run, if it is of these weights.
        licence: The licence of the weights as the hub calls it, e.g. ``apache-2.0``; empty: the card says that it is
            not stated.
        training_data: What it was trained on and who may use that, in words for the card; empty: the name of the data.
        half: Store the weights in float16, at half the size.
    """

    checkpoint: Path = MISSING
    output: Path | None = None
    hub: str = ""
    private: bool = False
    evaluation: Path | None = None
    licence: str = ""
    training_data: str = ""
    half: bool = False


@dataclass
class Info:
    """Describe a model: what it is, how it was trained and how good it is.

    Attributes:
        checkpoint: A checkpoint of `vid2vid train`, a model folder, the name of a model that comes with vid2vid, the id
            of one on huggingface's hub, or a step of `vid2vid export`.
        json: Print it as JSON.
    """

    checkpoint: Path = MISSING
    json: bool = False


@dataclass
class Checks:
    """List versions, devices and optional parts on this machine, for a bug report.

    Attributes:
        json: Print it as JSON.
    """

    json: bool = False


COMMANDS: dict[str, type] = {
    "fetch": Fetch,
    "train": Train,
    "prepare": Prepare,
    "doctor": Doctor,
    "synthesize": SynthesisConfig,
    "studio": StudioConfig,
    "live": LiveConfig,
    "export": ExportConfig,
    "styles": StylesConfig,
    "predict": PredictionConfig,
    "evaluate": Evaluate,
    "compare": Compare,
    "tally": Tally,
    "import": Import,
    "share": Share,
    "info": Info,
    "checks": Checks,
}
"""The settings of each verb."""
