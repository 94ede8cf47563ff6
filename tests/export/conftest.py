"""Models whose steps are exported."""

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from vid2vid import Condition, Vid2VidModule

LABELS: dict[str, Any] = {"label_ids": [7, 11, 23]}
CASES: dict[str, tuple[dict[str, Any], dict[str, dict[str, Any]]]] = {
    "labels": (LABELS, {}),
    "L = 1, two scales": (LABELS, {"generator": {"past_frames": 1, "scales": 2}}),
    "cubic, residual heads": (
        LABELS,
        {"generator": {"interpolation": "cubic", "scales": 2, "finer_heads": "residual", "upsampling": "resize"}},
    ),
    "statistics of the batch": (
        {**LABELS, "instance_edges": True},
        {"generator": {"norm": "current_batch", "foreground": "overwrite", "foreground_labels": ["11"], "scales": 2}},
    ),
    "foreground prior": (LABELS, {"generator": {"foreground": "prior", "foreground_labels": ["11"]}}),
    "foreground mask": ({"kind": "edges"}, {"generator": {"foreground": "prior", "norm": "batch"}}),
    "styles": (LABELS, {"encoder": {"features": 2, "base_channels": 2, "downsamples": 1}}),
    "efficient": (
        {
            **LABELS,
            "instance_edges": True,
            "object_motion": True,
            "planes": ["depth", {"name": "motion", "optional": 0.5}],
        },
        {
            "generator": {
                "form": "efficient",
                "interpolation": "fine",
                "downsamples": 2,
                "scales": 2,
                "base_channels": 8,
                "fine_channels": 4,
                "foreground": "prior",
                "foreground_labels": ["11"],
                "object_memory": True,
                "motion_prior": True,
            }
        },
    ),
    "planes": ({**LABELS, "planes": ["depth", "normals"]}, {"generator": {"past_frames": 1}}),
    "image without flow": ({"kind": "image"}, {"generator": {"use_flow": False}}),
}
"""Condition and settings of models, which between them have all inputs."""


@pytest.fixture(autouse=True, scope="session")
def _no_traces() -> Iterator[None]:
    """Keep torch.export from writing down each of its steps for pytest, which takes most of its time."""
    traces = logging.getLogger("torch.__trace")
    before = traces.level
    traces.setLevel(logging.WARNING)
    yield
    traces.setLevel(before)


@pytest.fixture(scope="session")
def case(small_module: Callable[..., Vid2VidModule]) -> Callable[[str], Vid2VidModule]:
    """Makes the model of one of the cases."""

    def make(name: str) -> Vid2VidModule:
        condition, parts = CASES[name]
        # short flows: long ones on noise make a roll-out chaotic, so that roundings grow in it
        own = {**parts, "generator": {"flow_scale": 1, **parts.get("generator", {})}}
        return small_module(Condition(**condition), **own).eval()

    return make


@pytest.fixture(scope="session")
def cases() -> list[str]:
    """The names of the cases."""
    return list(CASES)
