"""The memory of objects: what it keeps, what it paints, and what F sees of it."""

from collections import Counter

import torch
from torch import Tensor

from vid2vid import Condition
from vid2vid.generator import ClassColours, Forgetting, ObjectColours, ObjectMemory
from vid2vid.generator.object_memory import COLOURS_OF_A_CLASS, SURE

CAR, TREE = 7, 70_001


def frame(colours: dict[int, float], background: float = -1.0) -> tuple[Tensor, Tensor]:
    """Draw one frame of 10 x 10 pixels whose objects are rows of one grey each."""
    image, instance = torch.full((1, 3, 10, 10), background), torch.zeros(1, 1, 10, 10, dtype=torch.int64)
    for row, (number, grey) in enumerate(colours.items()):
        image[..., row, :], instance[..., row, :] = grey, number
    return image, instance


def test_an_object_is_painted_in_the_mean_colour_that_it_has_had() -> None:
    memory = ObjectMemory.empty(1, torch.device("cpu"))
    image, instance = frame({CAR: 0.25, TREE: -0.5})
    assert not memory.paint(instance).any()
    image[..., 0, :5] = 0.75
    painted = memory.after(image, instance).paint(instance)
    torch.testing.assert_close(painted[0, :3, 0], torch.full((3, 10), 0.5))
    torch.testing.assert_close(painted[0, :3, 1], torch.full((3, 10), -0.5))
    # ten of a hundred pixels are enough to be sure; what is no object is not remembered
    assert (painted[0, 3, :2] == 1).all()
    assert not painted[..., 2:, :].any()


def test_the_first_look_is_kept_once_an_object_was_seen_well() -> None:
    memory = ObjectMemory.empty(1, torch.device("cpu"))
    small, ids = frame({CAR: 0.5})
    ids[..., 2:] = 0
    memory = memory.after(small, ids)
    assert (memory.paint(ids)[0, 3, 0, 0] < 1) & (memory.paint(ids)[0, 3, 0, 0] > 0)
    image, instance = frame({CAR: 1.0})
    sure = memory.after(image, instance)
    expected = (2 * 0.5 + 10 * 1.0) / 12
    torch.testing.assert_close(sure.paint(instance)[0, 0, 0, 0], torch.tensor(expected))
    darker, _ = frame({CAR: -1.0})
    assert torch.equal(sure.after(darker, instance).table, sure.table)


def test_each_video_of_a_batch_has_a_memory_of_its_own_and_no_frame_changes_an_earlier_one() -> None:
    both = [frame({CAR: 0.5}), frame({CAR: -0.5})]
    images, ids = (torch.cat(part) for part in zip(*both, strict=True))
    empty = ObjectMemory.empty(2, torch.device("cpu"))
    memory = empty.after(images, ids)
    assert not empty.table.any()
    for own, (image, instance) in zip(memory.split(), both, strict=True):
        alone = ObjectMemory.empty(1, torch.device("cpu")).after(image, instance)
        assert torch.equal(own.table, alone.table)
    assert torch.equal(ObjectMemory.join(memory.split()).table, memory.table)  # type: ignore[union-attr]


def test_a_given_colour_stays() -> None:
    memory = ObjectMemory.of({CAR: [255, 0, 51]}, 1, torch.device("cpu"))
    image, instance = frame({CAR: 0.3})
    painted = memory.after(image, instance).paint(instance)[0, :, 0, 0]
    torch.testing.assert_close(painted, torch.tensor([1.0, -1.0, 51 / 127.5 - 1, 1.0]))


def test_in_training_objects_are_forgotten_as_a_whole_and_get_other_colours() -> None:
    colours = dict.fromkeys(range(1, 11), 0.0)
    image, instance = frame(colours)
    painted = ObjectMemory.empty(1, torch.device("cpu")).after(image, instance).paint(instance)
    assert Forgetting()(painted, instance) is painted
    seen = torch.stack([Forgetting(dropout=0.3, noise=0.1)(painted, instance) for _ in range(200)])
    # a row is an object
    assert torch.equal(seen, seen[..., :1].expand_as(seen))
    known = seen[:, 0, 3, :, 0]
    assert set(known.flatten().tolist()) == {0.0, 1.0}
    assert abs(known.mean() - 0.7) < 0.05
    assert not seen[:, 0, :3, :, 0][(known == 0)[:, None].expand(-1, 3, -1)].any()
    assert abs(seen[:, 0, :3, :, 0][(known == 1)[:, None].expand(-1, 3, -1)].std() - 0.1) < 0.02


def test_an_object_of_which_nothing_is_known_is_black_and_unknown() -> None:
    _, instance = frame({CAR: 0.5})
    painted = ObjectMemory.empty(1, torch.device("cpu")).paint(instance)
    assert not Forgetting(noise=1.0)(painted, instance).any()
    assert 0 < SURE < 1


def test_objects_of_a_class_get_one_of_its_colours_each_by_their_ids() -> None:
    condition = Condition(label_ids=[7, 26], label_names=["road", "car"])
    greys = [0, 51, 102, 153, 204]
    given = ObjectColours.of({CAR: [255, 255, 255], "car": [[grey] * 3 for grey in greys]}, condition)
    # one car is known, one is seen for the first time by two pixels, the last object is a road
    numbers = torch.arange(26_000, 26_400, 4)
    instance = torch.cat([torch.tensor([CAR]), numbers, torch.tensor([3])]).repeat(2, 1)[None, None]
    labels = torch.ones_like(instance)
    labels[..., -1] = 0
    memory = given.introduce(given.begin(1, torch.device("cpu")), labels, instance)
    painted = memory.paint(instance)[0, :, 0]
    assert painted[:, 0].tolist() == [1, 1, 1, 1]
    assert not painted[:, -1].any()
    assert (painted[3, :-1] == 1).all()
    found = Counter(((painted[0, 1:-1] + 1) * 127.5).round().int().tolist())
    assert sorted(found) == greys
    assert min(found.values()) > 10
    # what it has it keeps, though it looks otherwise in the frames
    later = given.introduce(memory.after(torch.zeros(1, 3, *instance.shape[-2:]), instance), labels, instance)
    torch.testing.assert_close(later.paint(instance)[0, :, 0, :-1], painted[:, :-1])


def test_the_colours_of_a_class_are_those_of_its_objects_in_real_frames() -> None:
    colours = ClassColours(Condition(kind="labels", label_ids=[7, 26], label_names=["road", "car"]))
    assert colours.by_class() == {}
    image, instance = frame({CAR: 0.5, CAR + 1: -0.5})
    labels = torch.zeros(1, 1, 10, 10, dtype=torch.uint8)
    labels[..., :2, :] = 1
    torch.manual_seed(0)
    for _ in range(20):
        colours.observe(image, labels, instance)
    # both cars, and nothing of the road, which is no object here; nor of an object that is a dot
    assert set(colours.by_class()) == {"car"}
    assert {tuple(each) for each in colours.by_class()["car"]} == {(191,) * 3, (64,) * 3}
    assert len(colours.by_class()["car"]) == COLOURS_OF_A_CLASS
    dot = torch.zeros(1, 1, 100, 100, dtype=torch.int64)
    dot[..., 0, 0] = CAR
    before = colours.table.clone()
    colours.observe(torch.ones(1, 3, 100, 100), torch.zeros_like(dot), dot)
    assert torch.equal(colours.table, before)


def test_colours_that_are_given_go_before_those_that_were_learnt() -> None:
    condition = Condition(kind="labels", label_ids=[7, 26], label_names=["road", "car"])
    learnt = {"road": [[90, 90, 90]], "car": [[200, 0, 0]]}
    blue = {"car": [[0, 0, 255]]}
    for given, expected in ((None, learnt), ({9: [1, 2, 3]}, learnt), (blue, {**learnt, **blue}), ({}, {})):
        found = ObjectColours.of(given, condition, learnt).by_class
        wanted = ObjectColours.of(expected, condition).by_class if expected else {}
        assert found.keys() == wanted.keys()
        assert all(torch.equal(found[index], wanted[index]) for index in wanted)
    assert ObjectColours.of({9: [1, 2, 3]}, condition, learnt).by_id == {9: [1, 2, 3]}


def test_a_checkpoint_from_before_knows_no_colours() -> None:
    colours = ClassColours(Condition(kind="labels", label_ids=[7]))
    colours.table += 1
    colours.load_state_dict({})
    assert colours.by_class() == {}
    assert ClassColours(Condition(kind="edges")).state_dict()["table"].shape == (0, COLOURS_OF_A_CLASS, 4)
