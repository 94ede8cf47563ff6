"""Time and memory of one frame of the paper's F at 2048 x 1024: 3 scales, 128 channels, 35 labels and instance edges.

Run: ``python benchmarks/full_resolution.py [--small]``; ``--small`` takes 512 x 256, as a test.
"""

import argparse
import resource
import time

import torch

from vid2vid.config import GeneratorConfig
from vid2vid.generator import Generator
from vid2vid.ops import instance_edges, one_hot

LABELS = 35


def main() -> None:
    """Synthesise two frames, of which the first includes one-time work, and print their time and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="512 x 256 instead of 2048 x 1024")
    height, width = (256, 512) if parser.parse_args().small else (1024, 2048)
    config = GeneratorConfig(scales=3, foreground="prior", foreground_labels=["26"])
    torch.manual_seed(0)
    generator = Generator(config, LABELS + 1).eval()
    blocks = torch.randint(LABELS, (1, 3, 1, height // 32, width // 32), dtype=torch.uint8)
    labels = blocks.repeat_interleave(32, -2).repeat_interleave(32, -1)
    past = torch.rand(1, 2, 3, height, width) * 2 - 1
    print(f"F: {sum(p.numel() for p in generator.parameters()) / 1e6:.0f} M parameters, {width} x {height}")
    with torch.inference_mode():
        for turn in ("first", "second"):
            start = time.perf_counter()
            source = torch.cat([one_hot(labels, LABELS), instance_edges(labels)], dim=-3)
            frame = generator.step(source, past, (labels[:, -1] == 26).float())
            seconds = time.perf_counter() - start
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
            print(f"{turn} frame: {seconds:.1f} s, peak memory {peak:.1f} GiB, {tuple(frame.fake.shape)}")


if __name__ == "__main__":
    main()
