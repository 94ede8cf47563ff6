"""Two processes that each see half of the clips agree with one that sees all of them."""

import json
import os
import socket
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.distributed as dist
from torch import Tensor
from torchmetrics import Metric

from vid2vid.metrics import (
    Curve,
    FlowDifference,
    ImageFrechetDistance,
    InstanceColourDrift,
    KeypointError,
    PerceptualChange,
    PerceptualDistance,
    SegmentationScores,
    VideoFrechetDistance,
    VideoMetrics,
)

Case = tuple[Callable[[], Metric], tuple[Tensor, ...]]


def cases() -> dict[str, Case]:
    """Return each metric with clips for it: five, so that the processes have unequal shares."""
    draw = torch.Generator().manual_seed(5)
    fake, real = torch.rand(2, 5, 8, 3, 32, 32, generator=draw) * 2 - 1
    flow, other_flow = torch.randn(2, 5, 7, 2, 32, 32, generator=draw)
    visible = torch.rand(5, 7, 1, 32, 32, generator=draw).round()
    classes, other_classes = torch.randint(0, 4, (2, 5, 8, 32, 32), generator=draw)
    keypoints, other_keypoints = 30 * torch.rand(2, 5, 8, 6, 2, generator=draw)
    return {
        "video": (VideoMetrics, (fake, real, flow, visible)),
        "video distance": (VideoFrechetDistance, (fake, real)),
        "image distance": (ImageFrechetDistance, (fake, real)),
        "perceptual distance": (PerceptualDistance, (fake, real)),
        "perceptual change": (PerceptualChange, (fake, real)),
        "flow": (FlowDifference, (flow, other_flow, visible)),
        "classes": (lambda: SegmentationScores(4), (classes, other_classes)),
        "keypoints": (KeypointError, (keypoints, other_keypoints, torch.ones(5, 8, 6))),
        "curve": (lambda: Curve(8), (fake.mean((2, 3, 4)),)),
        "colour": (InstanceColourDrift, (fake, classes[:, :, None])),
    }


def results(clips: slice) -> dict[str, Any]:
    """Return each metric's result over some clips, together with those of other processes where there are any."""
    torch.set_num_threads(1)
    values = {}
    for name, (make, tensors) in cases().items():
        metric = make()
        metric.update(*(tensor[clips] for tensor in tensors))
        value = metric.compute()
        values[name] = list(value.values()) if isinstance(value, dict) else value.tolist()
    return values


def process(rank: int, port: int, folder: Path) -> None:
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    dist.init_process_group("gloo", rank=rank, world_size=2)
    found = results(slice(rank * 2, 2 + rank * 3))
    (folder / f"{rank}.json").write_text(json.dumps(found))
    dist.destroy_process_group()


@pytest.fixture(scope="module")
def of_two(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("processes")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # forked, as are the processes of the other tests: they need not import torch again
    pair = [get_context("fork").Process(target=process, args=(rank, port, folder)) for rank in range(2)]
    for each in pair:
        each.start()
    for each in pair:
        each.join()
    assert [each.exitcode for each in pair] == [0, 0]
    return [json.loads((folder / f"{rank}.json").read_text()) for rank in range(2)]


@pytest.fixture(scope="module")
def alone() -> dict[str, Any]:
    return results(slice(None))


@pytest.mark.parametrize("name", cases())
def test_two_processes_find_what_one_does(name: str, of_two: list[dict[str, Any]], alone: dict[str, Any]) -> None:
    assert of_two[0][name] == of_two[1][name]
    # sums in another order
    assert of_two[0][name] == pytest.approx(alone[name], rel=1e-9)
