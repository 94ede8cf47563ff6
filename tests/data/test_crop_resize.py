"""Cropping and resizing of pictures, ids and flows, which must stay on top of each other."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from vid2vid.data.crop_resize import CropResize
from vid2vid.errors import ConfigError, DataError
from vid2vid.ops import warp


def pictures(count: int = 2, height: int = 24, width: int = 36) -> NDArray[np.uint8]:
    """Draw noise."""
    return np.random.default_rng(0).integers(0, 256, (count, height, width, 3), np.uint8)


def confident(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return full confidence for ``(N, 2, H, W)``."""
    return np.ones_like(vectors[:, :1])


def test_without_settings_everything_stays() -> None:
    frames, crop_resize = pictures(), CropResize()
    assert np.array_equal(crop_resize.images(frames), frames)
    assert np.array_equal(crop_resize.ids(frames[..., 0]), frames[..., 0])
    vectors = np.random.default_rng(0).normal(0, 50, (2, 2, 24, 36)).astype(np.float32)
    framed, confidence = crop_resize.flow(vectors, confident(vectors))
    assert np.array_equal(framed, vectors)
    # flows out of the picture are the business of who made them
    assert confidence.all()


def test_a_crop_is_a_slice() -> None:
    frames, crop_resize = pictures(), CropResize(crop=(3, 5, 20, 30))
    assert np.array_equal(crop_resize.images(frames), frames[:, 3:20, 5:30])
    assert np.array_equal(crop_resize.ids(frames[..., 0]), frames[:, 3:20, 5:30, 0])
    vectors = np.random.default_rng(0).normal(size=(2, 2, 24, 36)).astype(np.float32)
    assert np.array_equal(crop_resize.flow(vectors, confident(vectors))[0], vectors[:, :, 3:20, 5:30])


def test_points_from_outside_the_crop_lose_their_confidence() -> None:
    vectors = np.zeros((1, 2, 24, 36), np.float32)
    vectors[:, 0], vectors[:, 1] = -2, 1
    _, confidence = CropResize(crop=(3, 5, 20, 30)).flow(vectors, confident(vectors))
    expected = np.ones((1, 1, 17, 25), np.float32)
    expected[..., :2] = 0
    expected[..., -1, :] = 0
    assert np.array_equal(confidence, expected)


def test_smaller_pictures_are_averages() -> None:
    frames = pictures()
    blocks = frames.reshape(2, 8, 3, 9, 4, 3).astype(float).mean(axis=(2, 4))
    # to the nearest whole number
    assert np.abs(CropResize(8, 9).images(frames) - blocks).max() <= 0.5 + 1e-6


def test_crop_comes_before_resizing() -> None:
    frames = pictures()
    crop_resize = CropResize(5, 6, crop=(4, 6, 14, 30))
    assert np.array_equal(crop_resize.images(frames), CropResize(5, 6).images(frames[:, 4:14, 6:30]))
    assert np.array_equal(crop_resize.ids(frames[..., 0]), CropResize(5, 6).ids(frames[:, 4:14, 6:30, 0]))


def test_larger_pictures_keep_plain_areas_and_are_smooth() -> None:
    frames = np.full((1, 6, 8, 3), 77, np.uint8)
    assert np.array_equal(CropResize(15, 20).images(frames), np.full((1, 15, 20, 3), 77))
    ramp = np.broadcast_to(np.arange(0, 160, 20, dtype=np.uint8)[None, None, :, None], (1, 6, 8, 3))
    steps = np.diff(CropResize(12, 16).images(ramp)[0, 5, :, 0].astype(int))
    # the nearest pixel would give steps of 0 and 20
    assert steps[3:-3].min() >= 8
    assert steps[3:-3].max() <= 12


@pytest.mark.parametrize("size", [(11, 17), (24, 36), (7, 50), (60, 40)])
def test_ids_are_never_mixed(size: tuple[int, int]) -> None:
    ids = np.random.default_rng(0).choice(np.array([0, 26_001, 2**24 - 1], np.int32), (2, 24, 36))
    framed = CropResize(*size).ids(ids)
    assert framed.shape == (2, *size)
    assert framed.dtype == np.int32
    assert set(np.unique(framed)) == {0, 26_001, 2**24 - 1}


def test_smaller_ids_are_those_in_the_middle() -> None:
    ids = pictures()[..., 0]
    assert np.array_equal(CropResize(8, 12).ids(ids), ids[:, 1::3, 1::3])


def test_larger_ids_repeat_pixels() -> None:
    ids = pictures()[..., 0]
    assert np.array_equal(CropResize(48, 72).ids(ids), ids.repeat(2, axis=1).repeat(2, axis=2))


@pytest.mark.parametrize("size", [(12, 18), (8, 12), (48, 72)])
def test_ids_and_pictures_stay_on_top_of_each_other(size: tuple[int, int]) -> None:
    # a bright object whose border lies between pixels at every size
    ids = np.zeros((1, 24, 36), np.uint8)
    ids[:, 6:18, 12:30] = 1
    framed = CropResize(*size).images(np.repeat(ids[..., None] * np.uint8(200), 3, axis=-1))
    assert np.array_equal(framed[..., 0] > 100, CropResize(*size).ids(ids) == 1)


def test_flows_are_scaled_with_the_size() -> None:
    vectors = np.empty((3, 2, 24, 36), np.float32)
    vectors[:, 0], vectors[:, 1] = 6, -8
    framed, confidence = CropResize(12, 72).flow(vectors, confident(vectors))
    assert framed.shape == (3, 2, 12, 72)
    assert framed.dtype == confidence.dtype == np.float32
    np.testing.assert_allclose(framed[:, 0], 12, atol=1e-4)
    np.testing.assert_allclose(framed[:, 1], -4, atol=1e-4)
    np.testing.assert_allclose(confidence, 1, atol=1e-6)


def test_confidence_is_averaged() -> None:
    confidence = np.zeros((1, 1, 4, 4), np.float32)
    confidence[..., 0] = 1
    _, framed = CropResize(2, 2).flow(np.zeros((1, 2, 4, 4), np.float32), confidence)
    np.testing.assert_allclose(framed[0, 0], [[0.5, 0], [0.5, 0]], atol=1e-6)


def test_framed_flows_still_lead_from_framed_frame_to_framed_frame() -> None:
    # a smooth picture that slides 4 pixels right and 2 up a frame
    ys, xs = np.mgrid[:48, :64]
    slid = [np.sin((xs - 4 * t) / 5) + np.cos((ys + 2 * t) / 4) for t in range(2)]
    frames = np.stack([np.repeat((60 * s + 128).astype(np.uint8)[..., None], 3, -1) for s in slid])
    vectors = np.empty((1, 2, 48, 64), np.float32)
    vectors[:, 0], vectors[:, 1] = -4, 2
    crop_resize = CropResize(16, 32, crop=(8, 0, 40, 64))
    previous, current = torch.from_numpy(crop_resize.images(frames)).permute(0, 3, 1, 2).float().split(1)  # type: ignore[no-untyped-call]
    framed, confidence = (torch.from_numpy(part) for part in crop_resize.flow(vectors, confident(vectors)))
    error = (warp(previous, framed) - current).abs() * confidence
    assert confidence.mean() > 0.8
    # grey levels of 240 in all; rounding to whole ones twice
    assert error.max() < 4
    assert (previous - current).abs().max() > 20


@pytest.mark.parametrize(("height", "width"), [(8, 0), (0, 8), (-8, -8)])
def test_sizes_that_cannot_work_are_refused(height: int, width: int) -> None:
    with pytest.raises(ConfigError, match="height"):
        CropResize(height, width)


@pytest.mark.parametrize("crop", [(1, 2, 3), (5, 0, 5, 9), (0, 9, 5, 2), (-8, 0, 9, 9)])
def test_crops_that_cannot_work_are_refused(crop: tuple[int, ...]) -> None:
    with pytest.raises(ConfigError, match="crop"):
        CropResize(crop=crop)


def test_a_crop_outside_of_the_frames_is_refused() -> None:
    with pytest.raises(DataError, match=r"crop=\[0, 0, 25, 36\] lies outside frames of 24 x 36"):
        CropResize(crop=(0, 0, 25, 36)).images(pictures())


def test_different_framings_have_different_keys() -> None:
    framings = [
        CropResize(),
        CropResize(8, 9),
        CropResize(9, 8),
        CropResize(8, 9, (0, 0, 8, 9)),
        CropResize(8, 9, (0, 1, 8, 9)),
    ]
    assert len({crop_resize.key for crop_resize in framings}) == len(framings)


@pytest.mark.parametrize(
    ("fit", "part"), [("crop", (0, 6, 24, 30)), ("pad", (-6, 0, 30, 36)), ("stretch", (0, 0, 24, 36))]
)
def test_another_aspect_is_cropped_padded_or_stretched(fit: str, part: tuple[int, int, int, int]) -> None:
    crop_resize = CropResize(12, 12, fit=fit)
    assert crop_resize.box(24, 36) == part
    frames = pictures()
    framed = crop_resize.images(frames)
    assert framed.shape == (2, 12, 12, 3)
    if fit == "crop":
        assert np.array_equal(framed, CropResize(12, 12).images(frames[:, :, 6:30]))
    if fit == "pad":
        # the border goes on
        assert np.array_equal(framed[:, 0], framed[:, 1])
        assert np.array_equal(framed[:, 2:-2], CropResize(8, 12).images(frames))


@pytest.mark.parametrize(
    "crop_resize",
    [
        CropResize(),
        CropResize(12, 18),
        CropResize(48, 20, flip=True),
        CropResize(crop=(3, 5, 20, 30), flip=True),
        CropResize(10, 10, crop=(2, 1, 20, 33), fit="crop"),
        CropResize(20, 20, fit="pad", flip=True),
    ],
)
def test_points_stay_on_what_they_mark(crop_resize: CropResize) -> None:
    maps = np.zeros((1, 24, 36), np.uint8)
    rows, columns = np.mgrid[:24, :36]
    for y, x in ((8, 12), (15, 20)):
        maps[:] = 0
        # a square round the point that is large enough to be hit at any of these sizes
        maps[0, (abs(rows - y) <= 2) & (abs(columns - x) <= 2)] = 1
        points = crop_resize.points(np.array([[x, y, 0.5]], np.float32), 24, 36)
        framed = crop_resize.ids(maps)[0]
        assert framed.shape == crop_resize.size(24, 36)
        centre = np.argwhere(framed).mean(axis=0)
        assert np.abs(centre[::-1] - points[0, :2]).max() <= 0.75
        assert points[0, 2] == 0.5


@pytest.mark.parametrize("flip", [False, True])
def test_framed_flows_still_lead_to_where_the_points_were(flip: bool) -> None:
    random = np.random.default_rng(3)
    smooth = torch.from_numpy(random.random((1, 3, 6, 9))).float()
    real = torch.nn.functional.interpolate(smooth, (24, 36), mode="bicubic")
    flow = torch.full((1, 2, 24, 36), 1.0)
    flow[:, 1] = 2.0
    earlier = real
    later = warp(earlier, flow)
    crop_resize = CropResize(20, 26, crop=(4, 5, 24, 31), flip=flip)

    def framed(images: torch.Tensor) -> torch.Tensor:
        pixels = (images.clamp(0, 1) * 255).byte().permute(0, 2, 3, 1).numpy()
        return torch.from_numpy(crop_resize.images(pixels)).permute(0, 3, 1, 2).float() / 255

    vectors, confidence = (
        torch.from_numpy(np.ascontiguousarray(part))
        for part in crop_resize.flow(flow.numpy(), np.ones((1, 1, 24, 36), np.float32))
    )
    error = (warp(framed(earlier), vectors) - framed(later)).abs() * confidence
    assert float(error.max()) < 0.02
    assert 0.8 < float(confidence.mean()) < 1


@pytest.mark.parametrize(
    "base", [CropResize(48, 72), CropResize(24, 24, crop=(2, 3, 20, 35), fit="crop"), CropResize(40, 40, fit="pad")]
)
def test_a_framing_can_go_on_from_another_one(base: CropResize) -> None:
    maps = np.arange(24 * 36, dtype=np.int32).reshape(1, 24, 36)
    large = np.repeat(np.repeat(maps, 8, axis=1), 8, axis=2)
    inner = CropResize(12, 12, crop=(40, 88, 136, 184), flip=True)
    base = replace(base, crop=tuple(8 * edge for edge in base.crop))
    direct = inner.ids(large)
    again = inner.within(base, *large.shape[1:]).ids(base.ids(large))
    # neighbours of a pixel, at most, for the rounding
    rows, columns = (np.abs(part) for part in (direct // 36 - again // 36, direct % 36 - again % 36))
    assert rows.max() <= 1
    assert columns.max() <= 1


def test_an_unknown_fit_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"fit.*crop"):
        CropResize(fit="cropp")
