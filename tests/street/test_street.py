"""The frames of the street renderer: labels, ids, depth against a plain ray caster, colours, anti-aliasing."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from vid2vid.errors import ConfigError
from vid2vid.street import SKY_DEPTH, Street, StreetFrame, street_condition
from vid2vid.street.camera import Camera
from vid2vid.street.cars import add_car
from vid2vid.street.classes import BUILDING, CAR, PERSON, SKY, VEGETATION
from vid2vid.street.look import draw_look, stream
from vid2vid.street.model import Builder, Model
from vid2vid.street.scene import Scene
from vid2vid.street.views import corners_at, pose_at
from vid2vid.street.visibility import resolve
from vid2vid.street.world import World

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
    forth, back = Street(3, 48, 96), Street(3, 48, 96, memory=2)
    times = (0, 1, 200, -4)
    first = {t: forth.render(t) for t in times}
    for t in reversed(times):
        again = back.render(t)
        for part in ("rgb", "label", "instance", "depth"):
            np.testing.assert_array_equal(getattr(first[t], part), getattr(again, part))


def test_labels_are_those_of_the_condition_and_all_occur(frames: list[StreetFrame]) -> None:
    seen = {int(label) for frame in frames for label in np.unique(frame.label)}
    assert seen == set(street_condition().label_ids)


def test_the_condition_is_cityscapes() -> None:
    condition = street_condition()
    assert condition.label_ids == [7, 8, 11, 17, 21, 22, 23, 24, 26]
    assert condition.palette[condition.label_names.index("car")] == [0, 0, 142]
    assert condition.channels == 9


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


def _cast(model: Model, camera: Camera, t: float, size: tuple[int, int]) -> NDArray[np.float64]:
    """Return the depth at each pixel's centre by trying every ray on every surface."""
    y, x = (axis.reshape(-1).astype(np.float64) for axis in np.indices(size))
    rays = np.asarray(camera.rays(x, y), dtype=np.float64)
    nearest = np.full(len(rays), SKY_DEPTH)
    for corners in camera.to_camera(corners_at(model.quads, t)):
        normal = np.cross(corners[2] - corners[0], corners[3] - corners[1])
        along = rays @ normal
        z = np.where(along < 0, (corners[0] @ normal) / np.minimum(along, -1e-12), -1.0)
        points = rays * z[:, None]
        inside = z > 0.05
        for first, second in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            inside &= np.cross(second - first, points - first) @ normal >= 0
        nearest = np.where(inside & (z < nearest), z, nearest)
    centres, turns = pose_at(model.ellipsoids, t)
    for centre, turn, radii in zip(camera.to_camera(centres), turns, model.ellipsoids["radii"], strict=True):
        scale = (camera.rotation @ turn).T / radii[:, None]
        ray, eye = rays @ scale.T, scale @ -centre
        a, b, c = (ray * ray).sum(1), ray @ eye, eye @ eye - 1
        root = b * b - a * c
        z = (-b - np.sqrt(np.maximum(root, 0))) / a
        nearest = np.where((root > 0) & (z > 0.05) & (z < nearest), z, nearest)
    return nearest


@pytest.mark.parametrize(("seed", "t"), [(0, 3), (5, 40)])
def test_depth_is_that_of_a_plain_ray_caster(seed: int, t: int) -> None:
    size = (36, 72)
    frame, world = Street(seed, *size).render(t), World(draw_look(seed, 10.0))
    camera = world.camera(t, size)
    expected = _cast(world.model(t, float(camera.position[0])), camera, t, size).reshape(size)
    close = np.isclose(frame.depth, expected, rtol=2e-3)
    assert close.mean() > 0.998  # float32 decides otherwise where a centre lies just on an outline


def test_the_shares_of_each_pixel_sum_to_one() -> None:
    size, world = (48, 96), World(draw_look(2, 10.0))
    camera = world.camera(7, size)
    seen = resolve(Scene.seen(world.model(7, float(camera.position[0])), camera, 7, size))
    np.testing.assert_allclose(np.bincount(seen.pixel, seen.weight, 48 * 96), 1.0)
    assert (seen.weight < 1).mean() > 0.1


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
    looks = [draw_look(seed, 10.0) for seed in range(8)]
    assert len({(look.lane_width, look.drive.speed, look.right.front) for look in looks}) == 8
    first, second = Street(0, 48, 96).render(5), Street(1, 48, 96).render(5)
    assert np.abs(first.rgb.astype(int) - second.rgb).mean() > 10


def test_the_colours_of_cars_tell_nothing_of_each_other_or_their_shapes() -> None:
    colours, lengths = [], []
    for seed in range(40):
        for place in range(10):
            builder = Builder()
            add_car(builder, stream(seed, 20, place), 0.0, 0.0, 1, place)
            model = builder.finish()
            colours.append(model.quads["paint"]["colour"][0])
            lengths.append(np.ptp(model.quads["corners"][..., 0]))
    table = np.array(colours).reshape(40, 10, 3)
    for channel in range(3):
        here = table[:, :, channel]
        pairs = [(here[:, :-1], here[:, 1:]), (here[:-1], here[1:]), (here, np.reshape(lengths, (40, 10)))]
        for one, other in pairs:
            # five standard deviations of a correlation of 360 independent pairs are 0.26
            assert abs(np.corrcoef(one.reshape(-1), other.reshape(-1))[0, 1]) < 0.26
    assert len(np.unique(np.round(table[:, :, 0], 3))) > 100


@pytest.mark.parametrize(
    ("values", "name"),
    [({"seed": -1}, "seed"), ({"height": 8}, "height"), ({"fps": 0.0}, "fps"), ({"memory": 1}, "memory")],
)
def test_values_out_of_range_are_refused(values: dict[str, float], name: str) -> None:
    with pytest.raises(ConfigError, match=name):
        Street(**{"seed": 0, **values})  # type: ignore[arg-type]
