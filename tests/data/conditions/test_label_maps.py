"""Label maps: from ids and colours to class indices, codes and pictures."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from vid2vid.condition import Condition
from vid2vid.data.conditions import encode, kind_of
from vid2vid.data.crop_resize import CropResize
from vid2vid.errors import DataError
from vid2vid.ops import instance_edges, one_hot

if TYPE_CHECKING:
    from vid2vid.tools.nvidia.reference_files import ReferenceRecording

PATH = Path("some/labels.mkv")


def as_read(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return label maps ``(N, H, W)`` as a reader gives them."""
    return np.repeat(labels[..., None], 3, axis=-1)


def test_ids_become_their_place_in_the_list() -> None:
    condition = Condition(label_ids=[24, 0, 255, 7])
    labels = np.random.default_rng(0).choice(np.array(condition.label_ids, np.uint8), (3, 8, 10))
    planes = kind_of(condition).planes(as_read(labels), CropResize(), PATH, range(9))
    assert planes.dtype == np.uint8
    assert planes.shape == (3, 1, 8, 10)
    for t in range(3):
        for y in range(8):
            for x in range(10):
                assert condition.label_ids[planes[t, 0, y, x]] == labels[t, y, x]
    np.testing.assert_array_equal(kind_of(condition).planes(labels, CropResize(), PATH, range(9)), planes)


def test_an_unknown_id_is_named_with_file_frame_and_place() -> None:
    labels = np.zeros((4, 8, 10), np.uint8)
    labels[2, 5, 7] = 33
    with pytest.raises(DataError) as caught:
        kind_of(Condition(label_ids=[0, 26])).planes(as_read(labels), CropResize(), PATH, range(40, 44))
    message = str(caught.value)
    assert message.startswith(f"{PATH}: frame 42 has the label id 33 at row 5, column 7")
    assert "(0, 26)" in message


def test_coloured_label_maps_are_refused() -> None:
    frames = as_read(np.zeros((2, 8, 10), np.uint8))
    frames[1, 3, 3, 2] = 1
    with pytest.raises(DataError, match=r"labels\.mkv: frame 6 is not a label map"):
        kind_of(Condition(label_ids=[0, 1])).planes(frames, CropResize(), PATH, range(5, 7))


def test_colours_become_the_class_that_has_them() -> None:
    palette = [[200, 10, 0], [0, 0, 0], [199, 10, 0]]
    condition = Condition(label_ids=[4, 5, 6], palette=palette, colour_coded=True)
    classes = np.random.default_rng(0).integers(0, 3, (2, 6, 8))
    frames = np.array(palette, np.uint8)[classes]
    planes = kind_of(condition).planes(frames, CropResize(), PATH, range(9))
    np.testing.assert_array_equal(planes[:, 0], classes)
    frames[1, 2, 3] = (200, 10, 1)
    with pytest.raises(DataError, match=r"frame 13 has the colour \[200, 10, 1\] at row 2, column 3"):
        kind_of(condition).planes(frames, CropResize(), PATH, range(10, 16, 3))


def test_resized_labels_are_still_indices() -> None:
    labels = np.random.default_rng(0).choice(np.array([3, 200], np.uint8), (1, 20, 20))
    planes = kind_of(Condition(label_ids=[3, 200])).planes(as_read(labels), CropResize(7, 9), PATH, range(9))
    assert planes.shape == (1, 1, 7, 9)
    assert set(np.unique(planes)) == {0, 1}


def test_left_and_right_change_places_in_mirrored_maps() -> None:
    condition = Condition(label_ids=[5, 8, 9], mirrored=[[8, 9]])
    labels = np.array([[[5, 8, 8, 9]]], np.uint8)
    planes = kind_of(condition).planes(labels, CropResize(flip=True), PATH, range(9))
    assert planes.tolist() == [[[[1, 2, 2, 0]]]]


def test_labels_are_encoded_with_the_edges_last() -> None:
    condition = Condition(label_ids=[3, 7, 9], instance_edges=True)
    source = torch.randint(0, 3, (2, 2, 1, 5, 6), dtype=torch.uint8)
    instance = torch.randint(0, 4, (2, 2, 1, 5, 6), dtype=torch.int32)
    code = encode(condition, source, instance)
    assert code.shape == (2, 2, condition.channels, 5, 6)
    assert torch.equal(code[:, :, :3], one_hot(source, 3))
    assert torch.equal(code[:, :, 3:], instance_edges(instance))


def test_instances_are_left_out_unless_asked_for() -> None:
    instance = torch.zeros(1, 1, 1, 2, 2, dtype=torch.int32)
    source = torch.zeros(1, 1, 1, 2, 2, dtype=torch.uint8)
    assert encode(Condition(label_ids=[0, 1]), source, instance).shape == (1, 1, 2, 2, 2)


def test_missing_instances_are_named() -> None:
    with pytest.raises(ValueError, match="instance_edges and object_motion need instance maps"):
        encode(Condition(label_ids=[0], instance_edges=True), torch.zeros(1, 1, 1, 2, 2, dtype=torch.uint8))


@pytest.mark.parametrize("name", ["a_rollout_1scale", "a_rollout_1scale_fg_instance"])
def test_the_code_equals_the_recorded_reference(recording: "Callable[[str], ReferenceRecording]", name: str) -> None:
    recorded = recording(name)
    config, given = recorded.config, recorded.group("input")
    condition = Condition(label_ids=list(range(config["label_nc"])), instance_edges=config["use_instance"])
    code = encode(condition, given["label"], given["instance"])
    # the last frame of the first window; zeros and ones, so equal to the bit
    assert torch.equal(code[0, config["n_frames_G"] - 1], recorded.tensors["output/encoded_input_last"])


def test_labels_are_painted_in_the_palette() -> None:
    planes = np.array([[[0, 1], [1, 0]]], np.uint8)
    condition = Condition(label_ids=[7, 23], palette=[[128, 64, 128], [70, 130, 180]])
    picture = kind_of(condition).picture(planes)
    np.testing.assert_array_equal(picture, np.array(condition.palette)[planes[0]])
    plain = kind_of(Condition(label_ids=[7, 23])).picture(planes)
    assert plain[0, 0].tolist() == plain[1, 1].tolist() != plain[0, 1].tolist()
