"""The frames of the street renderer: labels, ids, depth, anti-aliasing."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest

from vid2vid.errors import ConfigError
from vid2vid.street import SKY_DEPTH, Street, StreetFrame, street_condition
from vid2vid.street import street as module
from vid2vid.street.look import Look
from vid2vid.street.street_classes import BUILDING, CAR, PERSON, SKY, VEGETATION

SEEDS = range(6)


@pytest.fixture(scope="module")
def frames() -> list[StreetFrame]:
    return [Street(seed, 64, 128).render(t) for seed in SEEDS for t in (0, 33)]


def test_frames_have_the_promised_shapes_and_types(frames: list[StreetFrame]) -> None:
    for frame in frames:
        assert frame.rgb.shape == (64, 128, 3)
        assert frame.label.shape == frame.instance.shape == frame.depth.shape == (64, 128)
        kinds = [part.dtype.name for part in (frame.rgb, frame.label, frame.instance, frame.depth)]
        assert kinds == ["uint8", "uint8", "int32", "float32"]


def test_the_same_seed_gives_the_same_bits_in_any_order() -> None:
    forth, back = Street(3, 48, 96), Street(3, 48, 96, cached_frames=2)
    times = (0, 1, 200, -4)
    first = {t: forth.render(t) for t in times}
    for t in reversed(times):
        again = back.render(t)
        for part in ("rgb", "label", "instance", "depth"):
            np.testing.assert_array_equal(getattr(first[t], part), getattr(again, part))


def test_labels_are_those_of_the_condition_and_all_occur(frames: list[StreetFrame]) -> None:
    seen = {int(label) for frame in frames for label in np.unique(frame.label)}
    assert seen == set(street_condition().label_ids)


def test_instance_ids_follow_the_labels(frames: list[StreetFrame]) -> None:
    for frame in frames:
        individual = np.isin(frame.label, (CAR, PERSON, BUILDING, VEGETATION))
        np.testing.assert_array_equal(frame.instance[~individual], frame.label[~individual])
        np.testing.assert_array_equal(frame.instance[individual] // 1000, frame.label[individual])


def test_an_object_keeps_its_id() -> None:
    street = Street(1, 64, 128)
    cars = [set(np.unique(street.render(t).instance[street.render(t).label == CAR])) for t in (10, 11)]
    assert len(cars[0]) > 4
    assert len(cars[0] & cars[1]) >= len(cars[0]) - 3


def test_only_the_sky_is_infinitely_far(frames: list[StreetFrame]) -> None:
    for frame in frames:
        sky = frame.label == SKY
        assert (frame.depth[sky] == SKY_DEPTH).all()
        assert (frame.depth[~sky] > 0.5).all()
        assert (frame.depth[~sky] < 400).all()


@pytest.mark.parametrize("seed", [0, 6])
def test_pixels_are_means_over_their_area(seed: int) -> None:
    small = Street(seed, 48, 96).render(12).rgb.astype(np.float64)
    large = Street(seed, 384, 768).render(12).rgb
    mean = cv2.resize(large, (96, 48), interpolation=cv2.INTER_AREA).astype(np.float64)
    points = large[4::8, 4::8].astype(np.float64)
    error, aliased = np.abs(small - mean).mean(), np.abs(points - mean).mean()
    assert error < 2.5
    assert error < 0.5 * aliased


def test_streets_differ() -> None:
    looks = [Look(seed, 10.0) for seed in range(8)]
    assert len({(look.lane_width, look.drive.speed, look.right.front) for look in looks}) == 8
    first, second = Street(0, 48, 96).render(5), Street(1, 48, 96).render(5)
    assert np.abs(first.rgb.astype(int) - second.rgb).mean() > 10


@pytest.mark.parametrize(
    ("values", "name"),
    [({"seed": -1}, "seed"), ({"height": 8}, "height"), ({"fps": 0.0}, "fps"), ({"cached_frames": 1}, "cached_frames")],
)
def test_values_out_of_range_are_refused(values: dict[str, float], name: str) -> None:
    with pytest.raises(ConfigError, match=name):
        Street(**{"seed": 0, **values})  # type: ignore[arg-type]


def test_normals_are_those_of_the_surfaces_that_depth_shows() -> None:
    street = Street(1, 96, 192)
    frame, normals = street.render(5), street.normals(5)
    assert normals.shape == (3, 96, 192)
    seen = frame.label != SKY
    np.testing.assert_allclose(np.linalg.norm(normals, axis=0), seen, atol=1e-5)
    camera = street._drawn(5).scene.camera
    y, x = np.indices((96, 192)).astype(float)
    points = camera.rays(x, y) * frame.depth[..., None]
    # all surfaces face the camera
    assert (np.einsum("chw,hwc->hw", normals, points)[seen] < 0).all()
    # the plane through neighbours of one object, where it is flat, has the normal of the surface
    across, down = points[:-1, 1:] - points[:-1, :-1], points[1:, :-1] - points[:-1, :-1]
    measured = np.cross(down, across)
    measured /= np.linalg.norm(measured, axis=-1, keepdims=True)
    wanted = normals.transpose(1, 2, 0)[:-1, :-1]
    ground = np.isin(frame.label[:-1, :-1], (7, 8)) & (frame.label[1:, :-1] == frame.label[:-1, 1:])
    ground &= frame.depth[:-1, :-1] < 30
    agree = (measured * wanted).sum(-1)[ground]
    assert ground.sum() > 1000
    assert np.quantile(agree, 0.1) > 0.999
    # the ground's normal is straight up in the world
    upwards = np.abs(wanted[ground] @ camera.rotation - (0, 0, 1)).max(axis=1) < 1e-5
    # but for the kerb's side
    assert upwards.mean() > 0.999


def test_each_frame_of_a_stream_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its flow, although two frames are kept only; and pictures that nobody asks for are not shaded."""
    drawn: list[str] = []

    def counted(name: str, whole: Any) -> Callable[..., Any]:  # noqa: ANN401 - a function of any type
        def count(*given: object) -> Any:  # noqa: ANN401
            drawn.append(name)
            return whole(*given)

        return count

    for name in ("resolve", "shade"):
        monkeypatch.setattr(module, name, counted(name, getattr(module, name)))
    street = Street(3, 16, 32, cached_frames=2)
    for t in range(4):
        street.render(t)
        street.flow(t)
    assert drawn == ["resolve"] * 5
    assert street.render(3).rgb is street.render(3).rgb
    assert drawn == ["resolve"] * 5 + ["shade"]
