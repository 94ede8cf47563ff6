"""The paper's comparison at equal budgets: vid2vid, pix2pixHD, COVST, and vid2vid without each of its parts.

Run: ``python benchmarks/paper.py`` (about 4 hours on two cores), or, for a part of it, with ``--only street/vid2vid``.
Every training is a part of its own: one that has ended is not done again, one that was killed goes on
from its last checkpoint. All variants of a data set train equally long: how many batches that is, is measured before,
on the same machine. F and pix2pixHD have about as many parameters. What vid2vid gets, its rivals get: the same clips,
losses of images, optimisers and running averages. At the end all of one seed are judged beside each other.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

EPOCHS = 4
"""Each training is cut into as many: rates are constant for the first half, then fall to zero."""
SECONDS_A_BATCH = re.compile(r"^a batch\s+([\d.]+) s", re.MULTILINE)
COMMON = ("trainer=cpu", "trainer.progress=false", "output.preview_every=0", "output.checkpoint_every_minutes=3")


@dataclass(frozen=True)
class Variant:
    """A model that is compared.

    Attributes:
        settings: How it differs from the data set's own settings.
        begins_with: The variant whose training is the first half of this one's time.
        share: Part of the budget that its own training takes.
    """

    settings: tuple[str, ...] = ()
    begins_with: str = ""
    share: float = 1.0


IMAGE = ("model=image", "data.clip_frames=4", "data.batch_size=4")
COVST = ("model=covst", "rollout.chunk_frames=3")
# half of COVST's time goes to the pix2pixHD that it begins with
HALF_AN_IMAGE = Variant(IMAGE, share=0.5)


@dataclass(frozen=True)
class Subject:
    """A data set, and what is compared on it.

    Attributes:
        settings: Of every training.
        variants: By name.
        judging: Settings of ``vid2vid evaluate``.
    """

    settings: tuple[str, ...]
    variants: dict[str, Variant]
    judging: tuple[str, ...] = ()


RIVALS = {
    "vid2vid": Variant(),
    "pix2pixHD": Variant(IMAGE),
    "pix2pixHD-half": HALF_AN_IMAGE,
    "COVST": Variant(COVST, begins_with="pix2pixHD-half", share=0.5),
}
SUBJECTS = {
    "street": Subject(
        (
            *("experiment=demo", "trainer.max_time=", "data.root=data/street_paper", "data.train_sequences=60"),
            *("data.val_sequences=24", "image.base_channels=16", "image.blocks=6", "image.downsamples=3"),
        ),
        {
            **RIVALS,
            "no D_V": Variant(("critics.temporal_strides=[]",)),
            "no flow": Variant(("generator.use_flow=false",)),
            "no foreground prior": Variant(("generator.foreground=none", "generator.foreground_labels=[]")),
            "1 past frame": Variant(("generator.past_frames=1",)),
        },
        ("segmenter=train",),
    ),
    "dancer": Subject(
        (
            *("experiment=dance_128", "data.path=data/samples/dancer.avi", "data.crop=[20,21,496,497]"),
            *("image.base_channels=16", "image.blocks=6", "image.downsamples=2"),
        ),
        RIVALS,
        ("val_frames=0",),
    ),
}


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
    def run_dir(self) -> Path:
        """Its folder."""
        return self.root / self.name.replace(" ", "_")

    @property
    def checkpoint(self) -> Path:
        """Its last checkpoint."""
        return self.run_dir / "checkpoints" / "last.ckpt"

    @property
    def plan(self) -> Path:
        """The file that tells with how many batches it is trained."""
        return self.run_dir / "plan.json"

    @property
    def done(self) -> Path:
        """The file that tells that it has ended."""
        return self.run_dir / "done.json"

    def settings(self) -> list[str]:
        """Return all of its settings but the budget."""
        subject, variant = SUBJECTS[self.subject], SUBJECTS[self.subject].variants[self.variant]
        given = [*COMMON, *subject.settings, *variant.settings, f"seed={self.seed}", f"run_dir={self.run_dir}"]
        if variant.begins_with:
            given.append(f"init_from={Part(self.subject, variant.begins_with, self.seed, self.root).checkpoint}")
        return given


def vid2vid(*arguments: str) -> str:
    """Run the program in one thread, and return what it writes."""
    program = str(Path(sys.executable).with_name("vid2vid"))
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run([program, *arguments], capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise SystemExit(f"vid2vid {' '.join(arguments)}\n{done.stderr}")
    return done.stdout


def plan(part: Part, minutes: float) -> None:
    """Find out how many batches a part can be trained with in its share of the budget, unless that is known."""
    if part.plan.is_file():
        return
    measured = SECONDS_A_BATCH.search(vid2vid("train", *part.settings(), "preflight=true"))
    if measured is None:
        raise SystemExit(f"{part.name}: the preflight does not tell how long a batch takes.")
    seconds = float(measured[1])
    share = SUBJECTS[part.subject].variants[part.variant].share
    batches = max(int(60 * minutes * share / seconds / EPOCHS), 1)
    part.plan.parent.mkdir(parents=True, exist_ok=True)
    part.plan.write_text(json.dumps({"seconds_a_batch": seconds, "batches_an_epoch": batches}))


def train(part: Part) -> None:
    """Train a part as it was planned, unless it has ended already."""
    if part.done.is_file():
        return
    batches = json.loads(part.plan.read_text())["batches_an_epoch"]
    budget = (f"trainer.max_epochs={EPOCHS}", f"trainer.limit_train_batches={batches}", f"data.repeats={batches}")
    vid2vid("train", *part.settings(), *budget, "resume=true")
    part.done.write_text(part.plan.read_text())


def judge(subject: str, seed: int, root: Path) -> None:
    """Judge all variants of one seed beside each other."""
    output = root / subject / f"judged_{seed}"
    parts = [Part(subject, name, seed, root) for name in SUBJECTS[subject].variants if name != "pix2pixHD-half"]
    if (output / "metrics.json").is_file() or not all(part.done.is_file() for part in parts):
        return
    checkpoints = ",".join(str(part.checkpoint) for part in parts)
    names = ",".join(part.variant for part in parts)
    given = (f"checkpoint=[{checkpoints}]", f"names=[{names}]", f"output={output}", *SUBJECTS[subject].judging)
    print(vid2vid("evaluate", *given), flush=True)


def stages(parts: list[Part]) -> Iterator[list[Part]]:
    """Yield parts that can be trained side by side: first those that begin with nothing."""
    for later in (False, True):
        yield [part for part in parts if bool(SUBJECTS[part.subject].variants[part.variant].begins_with) == later]


def main() -> None:
    """Train and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=14, help="of each training")
    parser.add_argument("--seeds", type=int, default=2, help="trainings of each variant on the streets")
    parser.add_argument("--side-by-side", type=int, default=2, help="trainings at a time, one thread each")
    parser.add_argument("--root", type=Path, default=Path("runs/paper"), help="where to")
    parser.add_argument("--only", default="", help="parts whose names begin so, e.g. street/vid2vid")
    given = parser.parse_args()
    seeds = {"street": given.seeds, "dancer": 1}
    parts = [
        Part(subject, variant, seed, given.root)
        for subject, count in seeds.items()
        for seed in range(count)
        for variant in SUBJECTS[subject].variants
    ]
    chosen = [part for part in parts if part.name.startswith(given.only)]
    for stage in stages(chosen):
        # one after the other: the first one prepares the data, and each is alone when it is measured
        for part in stage:
            plan(part, given.minutes)
        with ThreadPoolExecutor(given.side_by_side) as pool:
            for part, _ in zip(stage, pool.map(train, stage), strict=True):
                print(f"{part.name}: trained", flush=True)
    for subject, count in seeds.items():
        for seed in range(count):
            judge(subject, seed, given.root)


if __name__ == "__main__":
    main()
