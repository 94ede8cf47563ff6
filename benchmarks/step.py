"""Where a training batch goes, and time saved by the shortcuts of a training step.

Run: ``python benchmarks/step.py``. The two sides of each comparison run in turns; their medians are compared.
"""

import statistics
import time
from collections.abc import Callable

import torch
import torch.nn.functional as nnf
from torch import Tensor, nn

from generator import FORMS, clip_of, module_of, train
from vid2vid.condition import Condition
from vid2vid.config import DiscriminatorsConfig, GeneratorConfig, PatchDiscriminatorConfig
from vid2vid.discriminator.discriminators import ImageDiscriminator, VideoDiscriminator
from vid2vid.discriminator.sampling import all_videos, phi_video, sparse_videos
from vid2vid.generator import Generator
from vid2vid.training.precision import choose_precision
from ways.stopwatch import PARTS, Stopwatch

REPEATS = 15
BATCH, HEIGHT, WIDTH, CHANNELS = 2, 64, 128, 16
LABELS = 9
CLIP, CHUNK = 29, 3
BATCH_FRAMES = 14


def compare(name: str, first: Callable[[], object], second: Callable[[], object]) -> None:
    """Run two ways to do the same in turns; print their median times and the ratio."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(REPEATS + 2):
        for side, run in enumerate((first, second)):
            start = time.perf_counter()
            run()
            times[side].append(time.perf_counter() - start)
    a, b = (1e3 * statistics.median(side[2:]) for side in times)
    print(f"{name:<58}{a:9.1f} ms{b:9.1f} ms   x {a / b:.2f}")


def heads() -> None:
    """Compare two last layers for W and M with the one convolution that F runs."""
    features = torch.randn(BATCH, CHANNELS, HEIGHT + 6, WIDTH + 6, requires_grad=True)
    flow, mask = nn.Conv2d(CHANNELS, 2, 7), nn.Conv2d(CHANNELS, 1, 7)

    def apart() -> None:
        torch.autograd.backward(flow(features).sum() + mask(features).sum())

    def together() -> None:
        weight, bias = (torch.cat([getattr(flow, name), getattr(mask, name)]) for name in ("weight", "bias"))
        torch.autograd.backward(nnf.conv2d(features, weight, bias).sum())

    compare("W and M: two last layers | one convolution", apart, together)


def discriminator_passes() -> None:
    """Compare two passes of D_I, over real and fake frames, with one over both."""
    discriminator = ImageDiscriminator(PatchDiscriminatorConfig(base_channels=32, layers=2), LABELS)
    real, fake = (torch.randn(BATCH, LABELS + 3, HEIGHT, WIDTH) for _ in range(2))

    def apart() -> None:
        torch.autograd.backward(_sum([discriminator(real), discriminator(fake)]))

    def together() -> None:
        torch.autograd.backward(_sum(discriminator.features(real, fake)))

    compare("D_I: a pass for the real, one for the fake | one for both", apart, together)


def windows() -> None:
    """Compare D_V on all windows of a clip with D_V on the sparse ones, for its own loss and that of F."""
    config = DiscriminatorsConfig(video=PatchDiscriminatorConfig(base_channels=16, layers=2))
    size, strides = config.discriminator_frames, config.temporal_strides
    discriminators = {k: VideoDiscriminator(config.video, size) for k in strides}
    height, width = HEIGHT // 2, WIDTH // 2
    videos = [torch.randn(1, CLIP, 3, height, width) for _ in ("real", "fake")]
    flows = {k: torch.zeros(1, CLIP - k, 2, height, width) for k in strides}

    def windows_of(choose: Callable[..., list[int]]) -> list[tuple[int, list[int]]]:
        chunks = ((start, min(start + CHUNK, CLIP)) for start in range(2, CLIP, CHUNK))
        return [(k, choose(stop, size, k, newest=start)) for start, stop in chunks for k in strides]

    def evaluate(windows: list[tuple[int, list[int]]]) -> None:
        for stride, lasts in windows:
            for last in lasts:
                discriminator = discriminators[stride]
                real, fake = (
                    discriminator.view(*phi_video(video, flows[stride], last, size, stride)) for video in videos
                )
                torch.autograd.backward(_sum(discriminator.features(real, fake)))
                torch.autograd.backward(_sum(discriminator.features(fake.requires_grad_())))

    every, few = windows_of(all_videos), windows_of(sparse_videos)
    counts = [sum(len(lasts) for _, lasts in windows) for windows in (every, few)]
    name = f"D_V, {CLIP} frames of half the size by {CHUNK}: {counts[0]} | {counts[1]} windows"
    compare(name, lambda: evaluate(every), lambda: evaluate(few))


def precision() -> None:
    """Compare F, forward and backward over three frames, in float32 and under bfloat16 autocast."""
    condition = Condition(label_ids=list(range(LABELS)))
    generator = Generator(GeneratorConfig(base_channels=CHANNELS, downsamples=2, blocks=6), condition.channels)
    source = torch.randn(BATCH, 5, LABELS, HEIGHT, WIDTH)
    past = torch.randn(BATCH, 2, 3, HEIGHT, WIDTH)

    def run(enabled: bool) -> None:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=enabled):
            fake: Tensor = generator(source, past).fake
        torch.autograd.backward(fake.mean())

    compare("F, three frames: float32 | bfloat16", lambda: run(False), lambda: run(True))


def parts() -> None:
    """Print the parts of a batch of both forms of F; processor time in one thread, else wall-clock time."""
    clock = time.process_time if torch.get_num_threads() == 1 else time.perf_counter
    clip = clip_of(WIDTH, HEIGHT, BATCH_FRAMES, clips=BATCH)
    forms = {"paper": FORMS["paper, 32 channels"], "efficient": FORMS["efficient, 48 channels"]}
    watches = {}
    for name, form in forms.items():
        module = module_of(form, ema_decay=0.98)
        watches[name] = Stopwatch(module, clock)
        train(module, clip, 7, watches[name])
    print(f"\n{BATCH} clips of {BATCH_FRAMES} frames, {choose_precision('auto', 'cpu')}; medians of 5 batches")
    print(f"{'':<18}" + "".join(f"{name:>22}" for name in watches))
    for part in (*PARTS, "whole"):
        seconds = [(watch.median(part), watch.median("whole")) for watch in watches.values()]
        print(f"{part:<18}" + "".join(f"{1e3 * own:>11.1f} ms{own / whole:>8.1%}" for own, whole in seconds))


def _sum(features: list[list[list[Tensor]]]) -> Tensor:
    return torch.stack([scale[-1].mean() for one in features for scale in one]).sum()


if __name__ == "__main__":
    print(f"{torch.get_num_threads()} threads, batch {BATCH}, {WIDTH} x {HEIGHT}, {CHANNELS} channels, {LABELS} labels")
    heads()
    discriminator_passes()
    windows()
    precision()
    parts()
