"""The drift of videos of 2,000 frames, and the settings that reduce it.

Run after ``python benchmarks/paper.py``, whose vid2vid and pix2pixHD it takes: ``python benchmarks/long.py street`` (or
``dancer``, who dances her clip to its end and back). The others are trained as long as these. All synthesise the same
2,000 frames, and are compared with the real ones; curves and sheet go to docs/images.

``python benchmarks/long.py street --checkpoint street`` asks the same of any model of rendered streets, the one that
comes with vid2vid or a checkpoint: with its planes and, where these are optional, without; beside a synthesis that
begins anew late in the street (docs/results.md).
"""

import argparse
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from comparison.report import picture
from comparison.trainings import budget, once, vid2vid
from comparison.variants import COMMON, CROP, SUBJECTS, Part
from limit_studies import long_street
from vid2vid import Vid2VidDataModule, Vid2VidModule, load
from vid2vid.data.street_dataset import render_dataset
from vid2vid.digests import content_digest
from vid2vid.keypoints.keypoint_formats import read_keypoints
from vid2vid.keypoints.keypoint_sequence import Keypoints
from vid2vid.street import StreetConfig
from vid2vid.video import stream_frames, stream_labels, write_labels, write_video

FRAMES = 2000
KEY_EVERY = 200


@dataclass(frozen=True)
class Way:
    """A remedy against drift.

    Attributes:
        training: Settings of its training; None: the model as it is.
        synthesis: Settings of its synthesis.
        share: Number of batches that it has time for, relative to that of the model as it is.
    """

    training: tuple[str, ...] | None = None
    synthesis: tuple[str, ...] = ()
    share: float = 1.0


def ways(image: Path, longer: int) -> dict[str, Way]:
    """Return the compared ways by name.

    Args:
        image: A checkpoint of pix2pixHD.
        longer: Number of frames of longer clips.
    """
    return {
        "as it is": Way(),
        "past noise": Way(("rollout.past_noise=0.1",)),
        # of clips of 14 frames 12 are made
        "longer clips": Way((f"data.clip_frames={longer}",), share=12 / (longer - 2)),
        "no running average": Way(("optimizer.ema_decay=0",)),
        "key frames": Way(synthesis=("first=null", f"image_checkpoint={image}", f"key_every={KEY_EVERY}")),
    }


def street(root: Path) -> list[str]:
    """Render a street, and return the settings of its synthesis."""
    data = root / "data"
    found = render_dataset(StreetConfig(str(data), 64, 128, train_sequences=1, val_sequences=1, frames=FRAMES))
    sequence = found.split("val")[0]
    write_video(root / "real" / "long.mp4", stream_frames(sequence.target), found.fps)
    return [f"source={sequence.source}", f"instance={sequence.instance}", f"first={sequence.target}"]


def dancer(root: Path) -> list[str]:
    """Play the clip forwards and backwards in turn, and return the settings of its synthesis."""
    loader = {"height": 128, "width": 128, "crop": json.loads(CROP)}
    data = Vid2VidDataModule.video("data/samples/dancer.avi", loader, condition="pose")
    sequence, crop_resize = data.prepare_manifest().sequences[0], data.crop_resize
    if sequence.foreground is None:
        raise SystemExit("the dancer's silhouettes are missing.")
    keypoints = read_keypoints(sequence.source)
    order = np.pad(np.arange(len(keypoints)), (0, FRAMES), mode="reflect")[:FRAMES]
    source, mask, real = root / "data" / "source.npz", root / "data" / "foreground.mkv", root / "real" / "long.mp4"
    Keypoints(keypoints.points[order], keypoints.size, keypoints.fps).save(source)
    masks = list(stream_labels(sequence.foreground))
    write_labels(mask, (masks[i] for i in order), keypoints.fps)
    frames = [crop_resize.images(frame[None])[0] for frame in stream_frames(sequence.target)]
    write_video(real, (frames[i] for i in order), keypoints.fps)
    size = ["height=128", "width=128", f"crop={CROP}"]
    return [f"source={source}", f"foreground={mask}", f"first={sequence.target}", *size]


MATERIAL = {"street": street, "dancer": dancer}
LONGER = {"street": 24, "dancer": 28}
"""Number of frames of longer clips; the training streets have no more than 24."""


def train(way: Way, model: Part, run_dir: Path) -> Path:
    """Train a model, unless that is done, and return its checkpoint."""
    if way.training is None:
        return model.checkpoint
    plan = json.loads(model.plan.read_text())
    batches = max(round(plan["batches_an_epoch"] * way.share), 2)
    settings = [*COMMON, *SUBJECTS[model.subject].settings, *way.training, f"seed={model.seed}", *budget(batches)]

    def work() -> dict[str, Any]:
        vid2vid("train", *settings, f"run_dir={run_dir}", "resume=auto")
        return {}

    once(run_dir / "done.json", settings, work)
    return run_dir / "checkpoints" / "last.ckpt"


def main() -> None:
    """Train, synthesise and evaluate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("subject", choices=MATERIAL)
    parser.add_argument("--paper", type=Path, default=Path("runs/paper"), help="the folder of benchmarks/paper.py")
    parser.add_argument("--side-by-side", type=int, default=2, help="trainings at a time, one thread each")
    parser.add_argument("--without", nargs="*", default=[], help="what is not compared, e.g. 'longer clips'")
    parser.add_argument("--checkpoint", help="a model of streets that is measured instead, by its name or path")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help="the streets that it synthesises")
    given = parser.parse_args()
    if given.checkpoint:
        long_street.study(Path("runs/long/model"), load(given.checkpoint, Vid2VidModule), given.seeds)
        return
    root = Path("runs/long", given.subject)
    model, image = (Part(given.subject, variant, 0, given.paper) for variant in ("vid2vid", "pix2pixHD"))
    material = MATERIAL[given.subject](root)

    def make(name: str, way: Way) -> Path:
        folder = root / name.replace(" ", "_")
        checkpoint = train(way, model, folder)
        output = folder / "video" / "long.mp4"
        settings = [f"checkpoint={checkpoint}", f"output={output}", *material, *way.synthesis]

        def work() -> dict[str, Any]:
            vid2vid("synthesize", *settings)
            return {}

        once(folder / "synthesised.json", [*settings, content_digest(checkpoint)], work)
        return output.parent

    compared = {
        name: way for name, way in ways(image.checkpoint, LONGER[given.subject]).items() if name not in given.without
    }
    with ThreadPoolExecutor(given.side_by_side) as pool:
        folders = list(pool.map(make, compared, compared.values()))
    names, generated = ",".join(compared), ",".join(map(str, folders))
    evaluated = root / "evaluated"
    where = (f"real={root / 'real'}", f"output={evaluated}", "bootstrap=0", "given_frames=2")
    print(vid2vid("evaluate", f"generated=[{generated}]", f"names=[{names}]", *where))
    for name in ("curves", "sheet"):
        picture(evaluated / f"{name}.png", Path("docs/images") / f"long_{given.subject}_{name}.jpg")


if __name__ == "__main__":
    main()
