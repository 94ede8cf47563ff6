"""Compare frames of predicted streets with the real ones, beside baselines.

Run after ``vid2vid train experiment=street_predict`` and a training of vid2vid on streets of 128 x 64:
``python benchmarks/future.py PREDICTOR.ckpt SYNTHESIZER.ckpt --data data/street_paper``. Of each held-out street the
first frames' label maps are given. The same video model then draws the predicted label maps, the true ones (what no
prediction can surpass), and the last given ones over and over; ``last frame`` shows the last given real frame. The
table goes to ``runs/future/evaluated``, as of ``vid2vid evaluate``.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from comparison.trainings import vid2vid
from vid2vid.config import PredictionConfig, SynthesisConfig
from vid2vid.data.manifest import Manifest, VideoSequence
from vid2vid.prediction.predict_video import predict
from vid2vid.prediction.prediction_module import PredictionModule
from vid2vid.synthesis import synthesize
from vid2vid.training import Vid2VidModule, load
from vid2vid.video import stream_frames, write_video

GIVEN = 4
HEIGHT, WIDTH = 32, 64
"""Size at which the predictor was trained."""
Maps = NDArray[np.uint8]
Ids = NDArray[np.int32] | None


class Repeat:
    """A transform that repeats the last given condition."""

    def __init__(self) -> None:
        self._last: tuple[Maps, Ids] | None = None

    def __call__(self, planes: Maps, ids: Ids, frame: int) -> tuple[Maps, Ids]:
        """Take the conditions of a frame, with its index, and return those that F sees."""
        if frame < GIVEN or self._last is None:
            self._last = (planes, ids)
        return self._last


def make(sequence: VideoSequence, predictor: PredictionModule, module: Vid2VidModule, root: Path, fps: float) -> None:
    """Make a street's frames in all ways."""
    name = f"{sequence.target.stem}.mp4"
    real = list(stream_frames(sequence.target))
    found = predict(
        predictor,
        PredictionConfig(
            source=sequence.source,
            output=root / "maps" / sequence.target.stem,
            given=GIVEN,
            frames=len(real) - GIVEN,
            height=HEIGHT,
            width=WIDTH,
            instance=sequence.instance,
        ),
    )
    config = SynthesisConfig(
        source=sequence.source,
        output=root / "true labels" / name,
        first=sequence.target,
        instance=sequence.instance,
    )
    synthesize(module, config)
    predicted = root / "predicted" / name
    synthesize(module, replace(config, source=found.source, output=predicted, instance=found.instance, fps=fps))
    synthesize(module, replace(config, output=root / "repeated" / name), transforms=[Repeat()])
    write_video(root / "last frame" / name, [*real[:GIVEN], *[real[GIVEN - 1]] * (len(real) - GIVEN)], fps)


def main() -> None:
    """Make all frames and evaluate them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("predictor", type=Path, help="a checkpoint of vid2vid train experiment=street_predict")
    parser.add_argument("synthesizer", type=Path, help="a checkpoint of a video model")
    parser.add_argument("--data", type=Path, default=Path("data/street_paper"), help="streets of its size")
    parser.add_argument("--root", type=Path, default=Path("runs/future"), help="where to")
    given = parser.parse_args()
    manifest = Manifest.load(given.data)
    predictor, module = load(given.predictor, PredictionModule), load(given.synthesizer, Vid2VidModule)
    for sequence in tqdm(manifest.split("val"), unit="street"):
        make(sequence, predictor, module, given.root, manifest.fps)
    ways = ("predicted", "true labels", "repeated", "last frame")
    folders = ",".join(str(given.root / way) for way in ways)
    real = manifest.split("val")[0].target.parent
    where = (f"real={real}", f"output={given.root / 'evaluated'}", f"given_frames={GIVEN}")
    print(vid2vid("evaluate", f"generated=[{folders}]", f"names=[{','.join(ways)}]", *where))


if __name__ == "__main__":
    main()
