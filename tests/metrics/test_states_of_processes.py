"""Two processes that share the clips agree with one that sees all of them, also where one of them has none."""

import json
import os
import socket
import warnings
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.distributed as dist
from numpy.typing import NDArray
from torch import Tensor
from torchmetrics import Metric

from vid2vid.metrics.class_pixels import ClassPixels
from vid2vid.metrics.clip_metric import ReferenceClip
from vid2vid.metrics.colour_drift import ColourDrift
from vid2vid.metrics.frechet import ImageFrechetDistance, VideoFrechetDistance
from vid2vid.metrics.image_quality import PSNR, SSIM, Detail
from vid2vid.metrics.keypoint_error import KeypointError
from vid2vid.metrics.lattice import Lattice
from vid2vid.metrics.perceptual_distance import PerceptualChange, PerceptualDistance
from vid2vid.metrics.polynomial_mmd import ImageMMD, VideoMMD
from vid2vid.metrics.segmentation import SegmentationScores
from vid2vid.metrics.temporal import FlowDifference, WarpingError
from vid2vid.types import Flow

METRICS: dict[str, Callable[[], Metric]] = {
    "class pixels": lambda: ClassPixels([1, 3]),
    "psnr": PSNR,
    "ssim": SSIM,
    "detail": Detail,
    "warping error": WarpingError,
    "flow": FlowDifference,
    "video distance": VideoFrechetDistance,
    "video mmd": VideoMMD,
    "image mmd": ImageMMD,
    "image distance": ImageFrechetDistance,
    "perceptual distance": PerceptualDistance,
    "perceptual change": PerceptualChange,
    "classes": lambda: SegmentationScores(4),
    "keypoints": lambda: KeypointError(lambda: corners),
    "colour": ColourDrift,
    "lattice": Lattice,
}


def corners(frame: Tensor) -> NDArray[np.float32]:
    """Detect three keypoints, whose places are the colours of three pixels."""
    return np.concatenate([frame[:2, 0, :3].numpy().T * 100, np.ones((3, 1))], axis=1).astype(np.float32)


def results(clips: range) -> dict[str, Any]:
    """Return each metric's result over some of five clips, together with those of other processes, if there are any."""
    torch.set_num_threads(1)
    draw = torch.Generator().manual_seed(5)
    fake, real = torch.rand(2, 5, 8, 3, 32, 32, generator=draw) * 2 - 1
    vectors = torch.randn(5, 7, 2, 32, 32, generator=draw)
    visible = torch.rand(5, 7, 1, 32, 32, generator=draw).round()
    maps, labels = torch.randint(0, 4, (2, 5, 8, 32, 32), generator=draw)
    values = {}
    for name, make in METRICS.items():
        metric = make()
        for b in (slice(i, i + 1) for i in clips):
            if name == "classes":
                metric.update(maps[b], labels[b])
            else:
                flow = Flow(vectors[b], visible[b])
                metric.update(fake[b], ReferenceClip(real[b], flow, labels=labels[b], instance=labels[b][:, :, None]))
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "The ``compute`` method of metric")  # of an idle process
            value = metric.compute()
        values[name] = [float(v) for v in (value.values() if isinstance(value, dict) else [value])]
    return values


def process(rank: int, port: int, folder: Path, shares: tuple[range, range]) -> None:
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    dist.init_process_group("gloo", rank=rank, world_size=2)
    found = results(shares[rank])
    (folder / f"{rank}.json").write_text(json.dumps(found))
    dist.destroy_process_group()


@pytest.fixture(scope="module", params=[(range(2), range(2, 5)), (range(0), range(5))], ids=["unequal", "one idle"])
def of_two(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("processes")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # forked, as are the processes of the other tests: they need not import torch again
    pair = [get_context("fork").Process(target=process, args=(rank, port, folder, request.param)) for rank in range(2)]
    for each in pair:
        each.start()
    for each in pair:
        each.join()
    assert [each.exitcode for each in pair] == [0, 0]
    return [json.loads((folder / f"{rank}.json").read_text()) for rank in range(2)]


@pytest.fixture(scope="module")
def alone() -> dict[str, Any]:
    return results(range(5))


@pytest.mark.slow
@pytest.mark.parametrize("name", METRICS)
def test_two_processes_find_what_one_does(name: str, of_two: list[dict[str, Any]], alone: dict[str, Any]) -> None:
    assert of_two[0][name] == of_two[1][name]
    # sums in another order
    assert of_two[0][name] == pytest.approx(alone[name], rel=1e-9)
