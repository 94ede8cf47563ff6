"""Classes and objects of pixels, and pooling over them, against naive loops."""

import pytest
import torch
from torch import Tensor

from vid2vid import Condition
from vid2vid.ops import average_instances, class_map, class_sums, object_map

CLASSES = 4


@pytest.mark.parametrize("condition", [Condition(label_ids=[7, 8, 9]), Condition("edges")])
def test_only_labels_have_classes(condition: Condition) -> None:
    source = torch.randint(3, (2, 3, 1, 4, 5), dtype=torch.uint8)
    classes = class_map(condition, source)
    assert classes.dtype == torch.int64
    assert torch.equal(classes, source.long() * condition.has_labels)


def test_sums_over_classes_are_those_of_a_loop() -> None:
    features, classes = torch.randn(3, 2, 5, 6), torch.randint(CLASSES, (3, 1, 5, 6))
    sums, pixels = class_sums(features, classes, CLASSES)
    for i in range(CLASSES):
        where = classes[:, 0] == i
        torch.testing.assert_close(sums[i], features.movedim(1, -1)[where].sum(0))
        assert pixels[i] == where.sum()


def test_objects_of_different_classes_are_never_one() -> None:
    classes, instance = torch.tensor([0, 1, 1, 2]).view(1, 1, 1, 1, 4), torch.tensor([5, 5, 6, 6]).view(1, 1, 1, 1, 4)
    objects = object_map(classes, instance, CLASSES).flatten()
    assert len(set(objects.tolist())) == 4
    assert torch.equal(objects % CLASSES, classes.flatten())
    assert torch.equal(object_map(classes, None, CLASSES), classes)


def naive_average(features: Tensor, instance: Tensor) -> Tensor:
    """Average over each object of each image, one by one."""
    result = features.clone()
    for b in range(len(features)):
        for number in set(instance[b].flatten().tolist()):
            inside = (instance[b, 0] == number).nonzero(as_tuple=True)
            result[b, :, inside[0], inside[1]] = features[b, :, inside[0], inside[1]].mean(1, keepdim=True)
    return result


def test_the_average_is_that_of_each_object_of_each_image() -> None:
    features = torch.randn(3, 5, 12, 16, dtype=torch.float64)
    # ids as large as those of Cityscapes, shared by the images
    instance = torch.randint(4, (3, 1, 12, 16)) * 11_000 + 7
    torch.testing.assert_close(average_instances(features, instance), naive_average(features, instance))


def test_half_precision_does_not_lose_large_objects() -> None:
    features = torch.full((1, 1, 256, 256), 0.1).half()
    averaged = average_instances(features, torch.zeros(1, 1, 256, 256, dtype=torch.int32))
    assert averaged.dtype == torch.float16
    torch.testing.assert_close(averaged, features, rtol=1e-3, atol=0)
