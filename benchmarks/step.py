"""Where the time of a training step goes, and what its shortcuts are worth: ratios measured side by side.

Run: ``python benchmarks/step.py``; the two sides of each ratio take turns, the medians are compared.
"""

import statistics
import time
from collections.abc import Callable

import torch
import torch.nn.functional as nnf
from torch import Tensor, nn

from vid2vid.condition import Condition
from vid2vid.discriminator import ImageDiscriminator
from vid2vid.generator import Generator
from vid2vid.settings import DiscriminatorConfig, GeneratorConfig

REPEATS = 15
BATCH, HEIGHT, WIDTH, CHANNELS = 2, 64, 128, 16
LABELS = 9


def compare(name: str, first: Callable[[], object], second: Callable[[], object]) -> None:
    """Print the median times of two ways to do the same, in turns, and their ratio."""
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


def judging() -> None:
    """Compare one pass of D_I over each half with one over both."""
    critic = ImageDiscriminator(DiscriminatorConfig(base_channels=32, layers=2), LABELS)
    real, fake = (torch.randn(BATCH, LABELS + 3, HEIGHT, WIDTH) for _ in range(2))

    def apart() -> None:
        torch.autograd.backward(_sum([critic(real), critic(fake)]))

    def together() -> None:
        torch.autograd.backward(_sum(critic.judge(real, fake)))

    compare("D_I: a pass for the real, one for the fake | one for both", apart, together)


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


def _sum(verdicts: list[list[list[Tensor]]]) -> Tensor:
    return torch.stack([scale[-1].mean() for verdict in verdicts for scale in verdict]).sum()


if __name__ == "__main__":
    print(f"{torch.get_num_threads()} threads, batch {BATCH}, {WIDTH} x {HEIGHT}, {CHANNELS} channels, {LABELS} labels")
    heads()
    judging()
    precision()
