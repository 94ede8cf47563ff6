"""What the distances between videos can see: features x damages x strengths, and Sampson errors against the truth.

Run: ``python benchmarks/judging.py`` (two minutes of processor time; ``--features deep_motion`` takes ten). Rendered
streets are spoilt in known ways (``benchmarks/distortions``), each in three degrees from just visible to unbearable.
Distances compare them with the same streets unspoilt; of each the lattice is measured. Printed are tables in Markdown.
``--video FILE`` takes the parts of a video instead, cut to its middle square and resized to 64 pixels; ``--geometry``
prints Sampson errors.

``--models a=a.ckpt b=b.ckpt`` compares trained models instead, by every measure: their held-out videos are written as
images into ``--output`` and judged beside the real ones. ``--models a=DIR b=DIR --real DIR`` judges videos of anything.
``--eye a b,c`` says who looks best (b and c alike), and the table which measures agree.
"""

import argparse
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from comparison.model_order import rows, synthesise, table
from distortions import DISTORTIONS, wobble
from vid2vid.evaluation import REAL
from vid2vid.metrics import (
    Figure,
    Lattice,
    MotionEnergy,
    ReferenceClip,
    SampsonError,
    SpatialEnergy,
    VideoMMD,
    matched_keypoints,
    sampson_distances,
)
from vid2vid.metrics.deep_motion import DeepMotion
from vid2vid.metrics.metric_networks import video_network
from vid2vid.metrics.sample_curves import floor_curve, frechet_of_clips
from vid2vid.ops import to_images
from vid2vid.street import Street
from vid2vid.video import stream_frames

DEGREES: Mapping[str, tuple[float, float, float]] = {
    "blur": (0.6, 1, 2),
    "noise": (0.03, 0.1, 0.3),
    "shuffle": (2, 4, 12),
    "freeze": (2, 4, 12),
    "jitter": (1, 2, 4),
    "flicker": (0.03, 0.1, 0.3),
    "checkerboard": (0.25, 0.5, 1),
    "blotches": (0.03, 0.1, 0.3),
    "wobble": (0.5, 1, 2),
    "fade": (0.6, 1, 2),
}
"""Weak, middling and strong."""
SIX = ("blur", "noise", "shuffle", "freeze", "jitter", "flicker")
HEIGHT, WIDTH = 64, 128
WINDOW, STRIDE, RESAMPLES, HALVES = 8, 4, 1000, 20


class FramesAndChanges(nn.Module):
    """Spatial energies of frames, and how much they change from frame to frame.

    Of each map the mean, the deviation, and the logarithm of the mean absolute difference of consecutive frames.
    """

    least_frames = 2

    def __init__(self) -> None:
        super().__init__()
        self.energy = SpatialEnergy()

    def forward(self, video: Tensor) -> Tensor:
        """Return ``(B, D)`` of videos ``(B, 3, T, H, W)``."""
        found = []
        for maps in self.energy(video.transpose(1, 2).flatten(0, 1)):
            seen = maps.unflatten(0, (len(video), -1))
            change = seen.diff(dim=1).abs().mean((1, 3, 4))
            found += [seen.mean((1, 3, 4)), seen.std((1, 3, 4)), (change + 0.02).log()]
        return torch.cat(found, dim=1)


class FrameEnergies(FramesAndChanges):
    """Spatial energies of frames alone, in no order: what the image distances see."""

    def forward(self, video: Tensor) -> Tensor:
        """Return ``(B, D)`` of videos ``(B, 3, T, H, W)``."""
        found = []
        for maps in self.energy(video.transpose(1, 2).flatten(0, 1)):
            seen = maps.unflatten(0, (len(video), -1))
            found += [seen.mean((1, 3, 4)), seen.std((1, 3, 4))]
        return torch.cat(found, dim=1)


FEATURES: Mapping[str, type[nn.Module]] = {
    "motion_energy": MotionEnergy,
    "frames": FrameEnergies,
    "frames_and_changes": FramesAndChanges,
    "deep_motion": DeepMotion,
}
"""The default first; the last needs the extra ``hed``."""


def streets(clips: int, frames: int) -> Tensor:
    """Render drives ``(clips, frames, 3, HEIGHT, WIDTH)`` in [-1, 1]."""
    drives = [Street(seed, HEIGHT, WIDTH) for seed in range(clips)]
    return as_videos(np.stack([np.stack([drive.render(t).rgb for t in range(frames)]) for drive in drives]))


def parts_of(path: Path, clips: int, frames: int) -> Tensor:
    """Read parts of a video, one after the other, ``(clips, frames, 3, HEIGHT, HEIGHT)`` in [-1, 1]."""
    read = []
    for frame in islice(stream_frames(path), clips * frames):
        side = min(frame.shape[:2])
        top, left = ((length - side) // 2 for length in frame.shape[:2])
        square = frame[top : top + side, left : left + side]
        read.append(cv2.resize(square, (HEIGHT, HEIGHT), interpolation=cv2.INTER_AREA))
    whole = len(read) // frames
    return as_videos(np.stack(read[: whole * frames]).reshape(whole, frames, HEIGHT, HEIGHT, 3))


def as_videos(frames: np.ndarray) -> Tensor:
    """Turn ``(B, T, H, W, 3)`` uint8 into ``(B, T, 3, H, W)`` in [-1, 1]."""
    return to_images(torch.from_numpy(frames).movedim(-1, 2))


def halves(metric: VideoMMD) -> tuple[float, float, float]:
    """Return the Fréchet distance of all clips, and its range over random halves of them."""
    fake, real = metric.clips("fake"), metric.clips("real")
    draw = torch.Generator().manual_seed(0)
    found = []
    for _ in range(HALVES):
        chosen = torch.randperm(len(fake), generator=draw)[: len(fake) // 2].tolist()
        found.append(float(frechet_of_clips([fake[i] for i in chosen], [real[i] for i in chosen])))
    return float(frechet_of_clips(fake, real)), min(found), max(found)


def judge(name: str, network: nn.Module, real: Tensor) -> None:
    """Print the table of one kind of features, and how it orders the damages."""
    loaded = video_network(network)
    reference = ReferenceClip(real)
    frechet: dict[tuple[str, int], float] = {}
    mmd: dict[tuple[str, int], Figure] = {}
    print(f"\n### {name}\n\n| damage | | Fréchet (halves of the clips) | MMD (95 %) |\n|---|---|---|---|")
    for kind, degrees in DEGREES.items():
        for level, degree in enumerate(degrees):
            torch.manual_seed(0)
            metric = VideoMMD(loaded, WINDOW, STRIDE)
            metric.update(DISTORTIONS[kind](real, degree), reference)
            figure = metric.figure("video_mmd", RESAMPLES)
            if figure is None or figure.interval is None:
                raise SystemExit("at least two clips are needed")
            value, low, high = halves(metric)
            frechet[kind, level], mmd[kind, level] = value, figure
            cells = Figure(value, (low, high)).text(3), figure.text(4)
            print(f"| {kind} | {degree:g} | {' | '.join(cells)} |", flush=True)
    floor = floor_curve(frechet_of_clips, metric.clips("real"), HALVES)
    print(f"\nFréchet distance between {floor.clips[-1]} and as many other real clips: {floor.values[-1]:.3f}.")
    for title, values in (("Fréchet", frechet), ("MMD", {key: each.value for key, each in mmd.items()})):
        print(summary(title, values))


def summary(title: str, values: Mapping[tuple[str, int], float]) -> str:
    """Say how a distance orders the damages."""
    rising = [kind for kind in SIX if values[kind, 0] < values[kind, 1] < values[kind, 2]]
    strong, weak = ({kind: values[kind, level] for kind in SIX} for level in (2, 0))
    least, most = min(strong, key=strong.__getitem__), max(weak, key=weak.__getitem__)
    return (
        f"- {title}: rises with the degree for {len(rising)} of the six; the least of the strong ones ({least}) is "
        f"{strong[least] / weak[most]:.2f} times the greatest of the weak ones ({most}); a checkerboard is "
        f"{values['checkerboard', 2] / values['fade', 2]:.2f} times a strong fade."
    )


def judge_lattice(real: Tensor) -> None:
    """Print the lattice of the real videos and of each damage."""
    print("\n### lattice, levels of 255\n\n| damage | weak | middling | strong |\n|---|---|---|---|")

    def cell(video: Tensor) -> str:
        metric = Lattice()
        metric.update(video, ReferenceClip(real))
        return f"{float(metric.compute()):.2f}"

    print(f"| none | {cell(real)} | | |")
    for kind, degrees in DEGREES.items():
        torch.manual_seed(0)
        print(f"| {kind} | {' | '.join(cell(DISTORTIONS[kind](real, degree)) for degree in degrees)} |", flush=True)


def judge_geometry(clips: int, frames: int) -> None:
    """Print Sampson errors of streets that wobble, and of the true motion of their cameras."""
    height, width = 2 * HEIGHT, 2 * WIDTH
    true, videos = [], []
    for seed in range(clips):
        street = Street(seed, height, width)
        rendered = [street.render(t).rgb for t in range(frames)]
        videos.append(as_videos(np.stack(rendered)[None]))
        grey = [np.asarray(cv2.cvtColor(each, cv2.COLOR_RGB2GRAY), np.uint8) for each in rendered]
        for t, pair in enumerate(matched_keypoints(grey)):
            matrix = street.camera(t).fundamental(street.camera(t + 1))
            true.append(float(np.median(sampson_distances(*pair, matrix))))
    print(f"\n### Sampson error, {clips} streets of {frames} frames at {width} x {height}\n")
    print(f"By the true motion of the camera: {np.mean(true):.3f} px.\n")
    print("| wobble px | Sampson px | mean Sampson px | matched pairs |\n|---|---|---|---|")
    for degree in (0, *DEGREES["wobble"]):
        torch.manual_seed(0)
        metric = SampsonError()
        for video in videos:
            metric.update(wobble(video, degree) if degree else video, ReferenceClip(video))
        cells = []
        for name in metric.measures:
            figure = metric.figure(name, RESAMPLES)
            cells.append("" if figure is None else figure.text(2))
        print(f"| {degree:g} | {' | '.join(cells)} |", flush=True)


def judge_models(given: argparse.Namespace) -> None:
    """Print how each measure orders models."""
    models = {name: Path(path) for name, _, path in (each.partition("=") for each in given.models)}
    if given.real:
        folders = {**models, REAL: given.real}
    else:
        with torch.no_grad():
            folders = synthesise(models, given.data, given.output)
    networks = {name: video_network(FEATURES[name]()) for name in given.features}
    eye = [group.split(",") for group in given.eye]
    for line in table([*models], rows(folders, given.frames, networks, WINDOW), eye):
        print(line, flush=True)


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=16)
    parser.add_argument("--frames", type=int, default=12, help="of each clip")
    parser.add_argument("--video", type=Path, help="a video instead of streets")
    parser.add_argument("--features", nargs="+", choices=FEATURES, default=[*FEATURES][:-1], help="which; deep: slow")
    parser.add_argument("--models", nargs="+", default=[], metavar="NAME=PATH", help="checkpoints or folders of videos")
    parser.add_argument("--real", type=Path, help="the folder of the real videos, where the models' are folders")
    parser.add_argument("--data", type=Path, help="prepared data, whose held-out part is synthesised; else the models'")
    parser.add_argument(
        "--output", type=Path, default=Path("runs/judging"), help="where the models' videos are written"
    )
    parser.add_argument("--eye", nargs="*", default=[], help="names of the models, those that look best first")
    parser.add_argument("--geometry", action="store_true", help="Sampson errors only")
    given = parser.parse_args()
    torch.set_num_threads(1)
    if given.models:
        judge_models(given)
        return
    if given.geometry:
        judge_geometry(min(given.clips, 4), min(given.frames, 6))
        return
    real = parts_of(given.video, given.clips, given.frames) if given.video else streets(given.clips, given.frames)
    what = given.video.name if given.video else "rendered streets"
    print(
        f"## {what}: {len(real)} clips of {real.shape[1]} frames, {real.shape[4]} x {real.shape[3]}; windows of "
        f"{WINDOW} frames"
    )
    judge_lattice(real)
    for name in given.features:
        judge(name, FEATURES[name](), real)


if __name__ == "__main__":
    main()
