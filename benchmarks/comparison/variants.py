"""The compared data sets and variants of models, and the files of each training."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EPOCHS = 4
"""Number of epochs of each training; learning rates are constant in the first half, then fall to zero."""
COMMON = (
    *("trainer=cpu", "trainer.progress=false", "trainer.limit_val_batches=0"),
    *("output.preview_every=0", "output.checkpoint_every_minutes=3"),
)


@dataclass(frozen=True)
class Variant:
    """A compared variant of a model.

    Attributes:
        settings: Settings beside those of the data set.
        begins_with: The variant whose training is the first half of this one's time.
        share: Part of the budget that its own training takes.
    """

    settings: tuple[str, ...] = ()
    begins_with: str = ""
    share: float = 1.0


IMAGE = ("model=image", "data.clip_frames=4")
COVST = ("model=covst", "rollout.chunk_frames=3")
HALF = "pix2pixHD-half"
"""The pix2pixHD that COVST starts from, which takes half of its time."""


@dataclass(frozen=True)
class Subject:
    """A data set, and the variants that are compared on it.

    Attributes:
        settings: Settings of every training.
        variants: The variants by name.
        evaluation: Settings of ``vid2vid evaluate``.
        seeds: Greatest number of seeds that each variant is trained with.
    """

    settings: tuple[str, ...]
    variants: dict[str, Variant]
    evaluation: tuple[str, ...] = ()
    seeds: int = sys.maxsize


MODELS = {
    "vid2vid": Variant(),
    "pix2pixHD": Variant(IMAGE),
    HALF: Variant(IMAGE, share=0.5),
    "COVST": Variant(COVST, begins_with=HALF, share=0.5),
}
_UNFINISHED = "generator.fine_channels=0"
# vid2vid and pix2pixHD have about as many parameters, and all that warp do it by the same interpolation
PAPERS_F = ("generator.form=paper", _UNFINISHED, "generator.upsampling=resize", "rollout.bptt_frames=1")
"""What the efficient form has otherwise, in experiments that have that one."""
NETWORKS = (
    *PAPERS_F,
    *("generator.base_channels=16", "generator.downsamples=2", "generator.blocks=6", "generator.interpolation=cubic"),
    *("image.base_channels=16", "image.downsamples=3", "image.blocks=6", "covst.interpolation=cubic"),
    "data.batch_size=1",
)
# the loss with which all that is compared here was measured; the experiments have had another since (docs/generator.md)
_LEAST_SQUARES = "objective.adversarial=least_squares"
_NO_SHIFT = ("discriminators.image.augment=[]", "discriminators.video.augment=[]")
_DEMO = ("experiment=demo", _LEAST_SQUARES, "trainer.max_time=")
_STREET_DATA = (
    "data.street.root=data/street_paper",
    *("data.street.train_sequences=60", "data.street.val_sequences=24"),
)
_STREETS = (*_DEMO, *_STREET_DATA)
# with one frame less before the first that is made, a clip of 13 gives as many to learn from
_ONE_PAST_FRAME = Variant(("generator.past_frames=1", "data.clip_frames=13"))
_FOREGROUND = ("generator.foreground=prior", "generator.foreground_labels=[car,person]")
CROP = "[20,21,496,497]"
"""Crop of the dancer's frames: top, left, bottom, right."""
SUBJECTS = {
    "street": Subject(
        (*_STREETS, *NETWORKS, "generator.scales=2", *_FOREGROUND),
        {
            **MODELS,
            "no D_V": Variant(("discriminators.temporal_strides=[]",)),
            "no flow": Variant(("generator.use_flow=false",)),
            "no foreground prior": Variant(("generator.foreground=none", "generator.foreground_labels=[]")),
            # of the image generators that were tried the best one, with a quarter of the parameters
            "small pix2pixHD": Variant((*IMAGE, "image.downsamples=2")),
            "1 past frame": _ONE_PAST_FRAME,
        },
        ("segmenter=train", "deep=true"),
    ),
    # the demo's own F, with image generators that enlarge without checkers
    "street-efficient": Subject(
        (
            *(*_STREETS, "data.num_workers=0"),
            *("image.base_channels=16", "image.downsamples=3", "image.blocks=6", "image.upsampling=resize"),
            "covst.interpolation=fine",
        ),
        {
            **MODELS,
            "no D_V": Variant(("discriminators.temporal_strides=[]",)),
            "no flow": Variant(("generator.use_flow=false",)),
            "foreground prior": Variant(_FOREGROUND),
            "1 past frame": _ONE_PAST_FRAME,
        },
        ("segmenter=train", "deep=true"),
    ),
    "dancer": Subject(
        (
            *("experiment=dance_128", "data.path=data/samples/dancer.avi", f"data.crop={CROP}"),
            *(_LEAST_SQUARES, *_NO_SHIFT),
            *NETWORKS,
        ),
        MODELS,
        ("val_frames=0", "deep=true"),
        seeds=1,
    ),
}
# with the settings that the paper's form was tuned with here, before there was the other one
_PAPERS_FORM = (
    *PAPERS_F,
    *("generator.base_channels=32", "generator.blocks=6", "generator.interpolation=cubic"),
)
_FORMS = ("data.num_workers=0", "rollout.bptt_frames=3")
_FINISHED = "generator.fine_channels=12"
_EFFICIENT = {"efficient": Variant((_UNFINISHED,)), "efficient finished": Variant((_FINISHED,))}
_SHIFT = ("discriminators.image.augment=[shift]", "discriminators.video.augment=[shift]")
_SHIFTED = {"efficient finished and shifted": Variant((_FINISHED, *_SHIFT))}
# a held-out end in parts, each begun anew, so that there are intervals over them: a frame between two is left out
_DANCER_PARTS = "data.leave_out=[1365-1365,1395-1395,1425-1425,1455-1455,1485-1485,1515-1515,1545-1545]"
_FACE_PARTS = "data.leave_out=[424-424,448-448]"
_WHOLE_PARTS = ("val_frames=0", "deep=true")
FORMS = {
    "street-forms": Subject(
        ("experiment=demo", "trainer.max_time=", *_STREET_DATA, *_FORMS),
        {
            "paper": Variant((*_PAPERS_FORM, "generator.scales=2", "generator.downsamples=1", *_FOREGROUND)),
            **_EFFICIENT,
        },
        ("segmenter=train", "deep=true"),
    ),
    "dancer-forms": Subject(
        (
            *("experiment=dance_128", *_NO_SHIFT, "data.path=data/samples/dancer.avi", f"data.crop={CROP}"),
            *(_DANCER_PARTS, *_FORMS),
        ),
        {
            "paper": Variant((*_PAPERS_FORM, "generator.downsamples=1")),
            **_EFFICIENT,
            **_SHIFTED,
        },
        _WHOLE_PARTS,
    ),
    "face-forms": Subject(
        (
            *("experiment=face_128", *_NO_SHIFT, "data.path=data/samples/portrait.mp4", "data.crop=[0,280,360,640]"),
            *(_FACE_PARTS, *_FORMS),
        ),
        {
            "paper": Variant((*_PAPERS_FORM, "generator.downsamples=2", "generator.norm=batch")),
            **_EFFICIENT,
            **_SHIFTED,
        },
        _WHOLE_PARTS,
    ),
}
"""The two forms of F, the efficient one without and with its layers at full resolution, trained for the same time."""
TURNING_STREET: dict[str, Any] = {
    "height": 64,
    "width": 128,
    "train_sequences": 80,
    "val_sequences": 32,
    "frames": 24,
    "crossings": True,
}
TURNING_ROOT = "data/street_turning"
TURNING_PLANES = {"labels": (), "depth": ("depth",), "normals": ("depth", "normals")}
LONGER = "-longer"
TURNING = {
    "turning": Subject(
        (
            *(*_DEMO, "data.num_workers=0", "data.batch_size=1"),
            f"data.street.root={TURNING_ROOT}",
            *(f"data.street.{key}={value}" for key, value in TURNING_STREET.items()),
        ),
        {
            **{name: Variant((f"data.planes=[{','.join(planes)}]",)) for name, planes in TURNING_PLANES.items()},
            **{
                f"{name}{LONGER}": Variant((f"data.planes=[{','.join(planes)}]", "data.clip_frames=8"), name, 1.4)
                for name, planes in TURNING_PLANES.items()
            },
        },
    )
}
"""Cars that turn at crossings, with planes beside the labels; each is then trained on, on shorter clips."""
COLOURS = {
    "colours": Subject(
        (*_DEMO, "data.num_workers=0"),
        {name: Variant((f"generator.object_memory={on}",)) for name, on in (("without", "false"), ("memory", "true"))},
    )
}
"""Cars that keep their colour, by an object memory."""
EDITS_SHARE = 0.2
"""Part of the budget in which a recipe against edited labels is trained, after the training that all begin with."""
EDITS_BASE = "base"
EDITS_START = "labels from the start"
MARKED_BASE = "marked base"
COARSE, COARSE_SIDE = "coarse labels where marked", 9
"""F sees labels of two finenesses, and is told where it sees the coarse ones: squares of so many pixels."""
_MARKED = "data.planes=[rough]"
_MARKED_HALF = (_MARKED, "data.augment.changed_labels=0.5")
_SKETCHES = ("data.augment.sketch_objects=0.5",)
_FEW_SKETCHES = ("data.augment.sketch_objects=0.2",)
_ALL_CHANGES = (
    "data.augment.sketch_objects=0.3",
    "data.augment.coarse_labels=5",
    "data.augment.move_borders=2",
    "data.augment.drop_objects=0.1",
)
EDITS = {
    "edits": Subject(
        # a user's edits come with no frames to begin from
        (*_DEMO, "data.num_workers=0", "data.batch_size=1", "rollout.empty_every=3"),
        {
            EDITS_BASE: Variant(share=1 - EDITS_SHARE),
            **{
                name: Variant(settings, EDITS_BASE, EDITS_SHARE)
                for name, settings in {
                    "labels": (),
                    "sketches": _SKETCHES,
                    "marked sketches": (*_SKETCHES, _MARKED),
                    "few marked sketches": (*_FEW_SKETCHES, _MARKED),
                    "coarse 5": ("data.augment.coarse_labels=5",),
                    "coarse 15": ("data.augment.coarse_labels=15",),
                    "all": _ALL_CHANGES,
                    "all marked": (*_ALL_CHANGES, _MARKED),
                }.items()
            },
            EDITS_START: Variant(),
            "coarse 5 from the start": Variant(("data.augment.coarse_labels=5",)),
            "few marked sketches from the start": Variant((*_FEW_SKETCHES, _MARKED)),
            "marked sketches from the start": Variant((*_SKETCHES, _MARKED)),
            "marked sketches in half of the clips": Variant((*_SKETCHES, *_MARKED_HALF)),
            "many marked sketches in half of the clips": Variant(("data.augment.sketch_objects=0.9", *_MARKED_HALF)),
            COARSE: Variant((f"data.augment.coarse_labels={COARSE_SIDE}", *_MARKED_HALF)),
            MARKED_BASE: Variant((*_SKETCHES, _MARKED), share=1 - EDITS_SHARE),
            "marked sketches late in half of the clips": Variant((*_SKETCHES, *_MARKED_HALF), MARKED_BASE, EDITS_SHARE),
        },
    )
}
"""Edited labels: recipes that show F rough shapes of labels, late or from the start."""
_AUGMENT = "[colour,translation,cutout]"
PRACTICES = {
    "practices": Subject(
        (*_STREETS, "data.num_workers=0"),
        {
            "least squares": Variant(),
            "spectral norm": Variant(("discriminators.image.norm=spectral", "discriminators.video.norm=spectral")),
            "augmented views": Variant(
                (f"discriminators.image.augment={_AUGMENT}", f"discriminators.video.augment={_AUGMENT}")
            ),
            # a batch with the penalty takes a third longer than those that are timed
            "R1": Variant(("objective.r1_weight=1", "objective.r1_every=4"), share=0.92),
            "hinge": Variant(("objective.adversarial=hinge",)),
            "perceptual loss": Variant(("objective.perceptual_weight=10", "objective.perceptual_network=hed")),
            "L1 weight 0": Variant(("objective.reconstruction_weight=0",)),
            "L1 weight 30": Variant(("objective.reconstruction_weight=30",)),
            "gradient through 1 frame": Variant(("rollout.bptt_frames=1",)),
            "chunks of 6 frames": Variant(("rollout.chunk_frames=6", "rollout.bptt_frames=6")),
            "noise on the past": Variant(("rollout.past_noise=0.1",)),
            "average over 10 steps": Variant(("optimizer.ema_decay=0.9",)),
            "average over 200 steps": Variant(("optimizer.ema_decay=0.995",)),
            "half the learning rate": Variant(("optimizer.lr=0.0004",)),
            "double learning rate": Variant(("optimizer.lr=0.0016",)),
            "D as fast as F": Variant(("optimizer.discriminator_lr=0.0008",)),
        },
    )
}
"""What others do to train GANs, one change of the demo each."""
_ALL = {**SUBJECTS, **FORMS, **TURNING, **COLOURS, **EDITS, **PRACTICES}


@dataclass(frozen=True)
class Part:
    """One training: of a variant, on a data set, with a seed."""

    subject: str
    variant: str
    seed: int
    root: Path

    @property
    def name(self) -> str:
        """What it is called on the command line."""
        return f"{self.subject}/{self.variant}/{self.seed}"

    @property
    def subject_settings(self) -> Subject:
        """The data set and what is compared on it."""
        return _ALL[self.subject]

    @property
    def variant_settings(self) -> Variant:
        """How it is trained."""
        return self.subject_settings.variants[self.variant]

    @property
    def run_dir(self) -> Path:
        """Its folder."""
        return self.root / self.name.replace(" ", "_")

    @property
    def checkpoint(self) -> Path:
        """Its last checkpoint."""
        return self.run_dir / "checkpoints" / "last.ckpt"

    @property
    def plan(self) -> Path:
        """The file that tells with how many batches it is trained, with every seed."""
        return self.run_dir.parent / "plan.json"

    @property
    def done(self) -> Path:
        """The file that tells that it has ended."""
        return self.run_dir / "done.json"

    @property
    def evaluated(self) -> Path:
        """The folder of its evaluation together with the other variants."""
        return self.root / self.subject / f"evaluated_{self.seed}"

    def common_settings(self) -> list[str]:
        """Return the settings that it has with every seed."""
        return [*COMMON, *self.subject_settings.settings, *self.variant_settings.settings]

    def settings(self) -> list[str]:
        """Return all of its settings but the budget and what it begins with."""
        return [*self.common_settings(), f"seed={self.seed}", f"run_dir={self.run_dir}"]

    def beginning(self) -> list[str]:
        """Return the setting that lets it begin with another one's weights."""
        other = self.variant_settings.begins_with
        return [f"init_from={Part(self.subject, other, self.seed, self.root).checkpoint}"] if other else []
