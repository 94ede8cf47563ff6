"""Conditions of live frames."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from vid2vid.condition import Condition, planes_of
from vid2vid.config.live import LiveConfig
from vid2vid.data.crop_resize import CropResize
from vid2vid.data.label_tracks import FIRST_NUMBER
from vid2vid.errors import ConfigError, DataError
from vid2vid.live.live_conditions import LiveConditions
from vid2vid.live.live_sources import Captured
from vid2vid.video import canny

Settings = Callable[..., LiveConfig]
PICTURE = np.zeros((16, 32, 3), np.uint8)
PICTURE[4:12, 8:20] = 200
LABELS = Condition(label_ids=[7, 26], label_names=["road", "car"], instance_edges=True)


def conditions(config: LiveConfig, condition: Condition, crop_resize: CropResize | None = None) -> LiveConditions:
    return LiveConditions(config, condition, crop_resize or CropResize(), torch.device("cpu"), print)


def test_edges_are_those_of_the_training(settings: Settings) -> None:
    inputs = conditions(settings(source="0"), Condition(kind="edges"))(Captured(PICTURE, 0.0))
    assert inputs is not None
    np.testing.assert_array_equal(inputs.source[0, 0], canny(PICTURE, 60, 150))


def test_a_camera_may_be_cropped_and_mirrored(settings: Settings) -> None:
    crop_resize = CropResize(16, 16, fit="crop", flip=True)
    inputs = conditions(settings(source="0"), Condition(kind="image"), crop_resize)(Captured(PICTURE, 0.0))
    assert inputs is not None
    np.testing.assert_array_equal(inputs.source[0].permute(1, 2, 0), PICTURE[:, 8:24][:, ::-1])


class Bright(nn.Module):
    """Takes what is bright for a car; logits of two classes, or more."""

    def __init__(self, classes: int = 2) -> None:
        super().__init__()
        self.classes = classes

    def forward(self, images: Tensor) -> Tensor:
        bright = images[:, :1]
        return torch.cat([-bright, bright, *[bright - 9] * (self.classes - 2)], dim=1)


def saved(classes: int, path: Path) -> Path:
    torch.jit.trace(Bright(classes), torch.zeros(1, 3, 16, 32)).save(str(path))  # type: ignore[no-untyped-call]
    return path


def test_labels_come_from_a_network_and_areas_are_objects(settings: Settings, tmp_path: Path) -> None:
    path = saved(2, tmp_path / "net.pt")
    inputs = conditions(settings(source="0", segmenter=path), LABELS)(Captured(PICTURE, 0.0))
    assert inputs is not None
    np.testing.assert_array_equal(inputs.source[0, 0], PICTURE[..., 0] > 0)
    assert inputs.instance is not None
    assert set(inputs.instance.flatten().tolist()) == {FIRST_NUMBER, FIRST_NUMBER + 1}


def test_a_network_of_other_classes_is_refused(settings: Settings, tmp_path: Path) -> None:
    found = conditions(settings(source="0", segmenter=saved(3, tmp_path / "net.pt")), LABELS)
    with pytest.raises(ConfigError, match="tells 3 classes apart, but the model has 2"):
        found(Captured(PICTURE, 0.0))
    (tmp_path / "no.pt").write_bytes(b"no network")
    with pytest.raises(ConfigError, match=r"segmenter=.*no\.pt: not a TorchScript file"):
        conditions(settings(source="0", segmenter=tmp_path / "no.pt"), LABELS)


def test_labels_are_edited_and_unknown_ones_named(settings: Settings) -> None:
    labels = np.where(PICTURE[..., 0] > 0, 26, 7).astype(np.uint8)
    edited = conditions(settings(source="a.mkv", edit="car->road from 1"), LABELS)
    ids = np.arange(512, dtype=np.int32).reshape(16, 32)
    first, second = (edited(Captured(labels, 0.0, ids)) for _ in range(2))
    assert first is not None
    assert second is not None
    assert (int(first.source.sum()), int(second.source.sum())) == (96, 0)
    np.testing.assert_array_equal(first.instance[0, 0] if first.instance is not None else None, ids)
    with pytest.raises(DataError, match=r"a\.mkv: frame 0 has the label id 9"):
        edited(Captured(np.full((16, 32), 9, np.uint8), 0.0))
    assert second.planes is None
    marking = conditions(
        settings(source="a.mkv", edit="car->road from 1"), replace(LABELS, planes=planes_of(["rough"]))
    )
    first, second = (marking(Captured(labels, 0.0, ids)) for _ in range(2))
    assert first is not None
    assert first.planes is None
    assert second is not None
    assert second.planes is not None
    assert 0 < second.planes.mean() < 1


def test_optional_planes_are_done_without(settings: Settings) -> None:
    condition = Condition(kind="image", planes=planes_of([{"name": "depth", "optional": 0.5}]))
    found = conditions(settings(source="0"), condition)(Captured(np.zeros((16, 32, 3), np.uint8), 0.0))
    assert found is not None
    assert found.planes is None


@pytest.mark.parametrize(
    ("given", "condition", "message"),
    [
        ({}, Condition(kind="image", planes=planes_of(["depth"])), "needs planes beside its condition"),
        ({}, Condition(kind="pose", densepose=True), "DensePose maps, for which there is no detector"),
        ({"segmenter": "a.pt"}, Condition(kind="edges"), "segmenter: this model's condition is edges, not labels"),
        ({"hed": True}, Condition(kind="edges"), "hed: learned edges are grey conditions"),
        ({"retarget": "a.mp4"}, Condition(kind="edges"), "retarget: is for faces and poses"),
        ({"retarget": "a.mp4"}, Condition(kind="face", background_edges=True), "edges of the background"),
        ({"instance": "a.mkv"}, replace(LABELS, instance_edges=False), "has no object ids"),
        ({"edit": "car->road"}, Condition(kind="edges"), "has no labels to edit"),
        ({"detector": "pose"}, Condition(kind="face"), "detector='pose' is unknown"),
    ],
)
def test_what_does_not_fit_the_condition_is_refused(
    settings: Settings, given: dict[str, object], condition: Condition, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        conditions(settings(source="0", **given), condition)
