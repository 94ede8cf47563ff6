"""Warping: identities that any error of half a pixel, of sign or of axis order breaks."""

import subprocess
import sys

import pytest
import torch
from torch import Tensor

from vid2vid.ops import warp


def constant_flow(image: Tensor, x: float, y: float) -> Tensor:
    """Return the flow ``(B, 2, H, W)`` that points everywhere ``x`` pixels right and ``y`` pixels down."""
    flow = image.new_tensor([x, y]).view(1, 2, 1, 1)
    return flow.expand(image.shape[0], 2, *image.shape[2:]).clone()


# Without align_corners the drift is 0.475. What remains is rounding: a position is off by up to side · eps pixels in x
# and in y, and each warp mixes in that part of a neighbour, which in noise differs by up to 2.
@pytest.mark.parametrize(("dtype", "bound"), [(torch.float64, 1e-12), (torch.float32, 1e-4)])
def test_thirty_warps_by_zero_flow_do_not_drift(dtype: torch.dtype, bound: float) -> None:
    assert drift_of_thirty_warps(17, 23, dtype) <= bound


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_the_drift_of_larger_pictures_is_rounding_only(dtype: torch.dtype) -> None:
    assert drift_of_thirty_warps(128, 256, dtype) <= 30 * 4 * 256 * torch.finfo(dtype).eps


def drift_of_thirty_warps(height: int, width: int, dtype: torch.dtype) -> float:
    """Return the largest change of noise in [-1, 1] that is warped thirty times by zero flow."""
    image = torch.rand(2, 3, height, width, dtype=dtype) * 2 - 1
    moved = image
    for _ in range(30):
        moved = warp(moved, torch.zeros(2, 2, height, width, dtype=dtype))
    assert moved.dtype == dtype
    return (moved - image).abs().max().item()


@pytest.mark.parametrize(("dtype", "bound"), [(torch.float64, 1e-12), (torch.float32, 1e-4)])
def test_a_shift_by_whole_pixels_is_slicing(dtype: torch.dtype, bound: float) -> None:
    image = torch.rand(1, 3, 20, 31, dtype=dtype)
    moved = warp(image, constant_flow(image, x=3, y=-2))
    # out(x, y) = image(x + 3, y - 2)
    assert (moved[..., 2:, :-3] - image[..., :-2, 3:]).abs().max() <= bound


def test_half_a_pixel_is_the_mean_of_two() -> None:
    image = torch.rand(1, 1, 6, 9, dtype=torch.float64)
    moved = warp(image, constant_flow(image, x=0.5, y=0))
    torch.testing.assert_close(moved[..., :-1], (image[..., :-1] + image[..., 1:]) / 2, rtol=0, atol=1e-12)


@pytest.mark.parametrize("interpolation", ["bilinear", "cubic", "fine"])
def test_whole_pixels_are_fetched_as_they_are(interpolation: str) -> None:
    image = torch.rand(1, 3, 20, 31, dtype=torch.float64)
    moved = warp(image, constant_flow(image, x=3, y=-2), interpolation)
    assert (moved[..., 2:, :-3] - image[..., :-2, 3:]).abs().max() <= 1e-12


def test_finer_interpolation_keeps_more_over_many_frames() -> None:
    smooth = torch.nn.functional.avg_pool2d(torch.rand(1, 1, 40, 40), 3, 1)
    kept = {}
    for interpolation in ("bilinear", "cubic", "fine"):
        moved = smooth
        for t in range(20):
            moved = warp(moved, constant_flow(moved, x=0.5 if t % 2 else -0.5, y=0), interpolation)
        kept[interpolation] = (moved[..., 6:-6, 6:-6].std() / smooth[..., 6:-6, 6:-6].std()).item()
    assert kept["bilinear"] < 0.7 < 0.8 < kept["cubic"] < 0.9 < kept["fine"] <= 1, kept


@pytest.mark.parametrize("interpolation", ["cubic", "fine"])
@pytest.mark.parametrize("shift", [0.1, 0.25, 0.4, 0.5, 0.8])
def test_no_frequency_is_amplified(shift: float, interpolation: str) -> None:
    # a wave round a ring is seen by its amplitude; the border, which is no ring, is left out
    x = torch.arange(480, dtype=torch.float64)
    for period in (2.1, 2.5, 3, 4, 6, 8, 12, 30):
        wave = torch.stack([(2 * torch.pi * x / period).sin(), (2 * torch.pi * x / period).cos()])[None, :, None]
        moved = warp(wave, constant_flow(wave, x=shift, y=0), interpolation)
        assert moved[..., 10:-10].norm(dim=1).max() <= 1 + 1e-9, period


def test_a_point_is_fetched_from_where_it_was() -> None:
    previous = torch.zeros(1, 1, 8, 10)
    previous[0, 0, 2, 5] = 1
    flow = torch.zeros(1, 2, 8, 10)
    flow[0, :, 3, 7] = torch.tensor([-2.0, -1.0])
    moved = warp(previous, flow)
    assert moved[0, 0, 3, 7].item() == pytest.approx(1, abs=1e-5)


def test_points_outside_take_the_value_of_the_border() -> None:
    image = torch.rand(1, 3, 7, 9, dtype=torch.float64)
    far_left = warp(image, constant_flow(image, x=-100, y=0))
    far_corner = warp(image, constant_flow(image, x=100, y=100))
    torch.testing.assert_close(far_left, image[..., :1].expand_as(image), rtol=0, atol=1e-12)
    torch.testing.assert_close(far_corner, image[..., -1:, -1:].expand_as(image), rtol=0, atol=1e-12)


def test_gradients_are_right() -> None:
    image = torch.rand(1, 2, 4, 5, dtype=torch.float64, requires_grad=True)
    # bilinear interpolation has kinks at whole pixels: stay between them
    flow = torch.randint(-2, 3, (1, 2, 4, 5)) + torch.rand(1, 2, 4, 5, dtype=torch.float64) * 0.6 + 0.2
    assert torch.autograd.gradcheck(warp, (image, flow.requires_grad_()), eps=1e-6, atol=1e-6)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_computed_in_float32(dtype: torch.dtype) -> None:
    image, flow = torch.rand(1, 3, 16, 300).to(dtype), (torch.randn(1, 2, 16, 300) * 5).to(dtype)
    moved = warp(image, flow)
    assert moved.dtype == torch.float32
    # equal to the last bit: nothing but the inputs was rounded
    assert torch.equal(moved, warp(image.float(), flow.float()))


def test_autocast_does_not_lower_the_precision() -> None:
    image, flow = torch.rand(1, 3, 16, 300), torch.randn(1, 2, 16, 300) * 5
    with torch.autocast("cpu", dtype=torch.bfloat16):
        moved = warp(image, flow)
    assert torch.equal(moved, warp(image, flow))


def test_each_element_of_the_batch_is_warped_by_its_own_flow() -> None:
    image, flow = torch.rand(3, 2, 9, 11, dtype=torch.float64), torch.randn(3, 2, 9, 11, dtype=torch.float64) * 3
    together = warp(image, flow)
    for i in range(3):
        torch.testing.assert_close(together[i : i + 1], warp(image[i : i + 1], flow[i : i + 1]), rtol=0, atol=1e-12)


@pytest.mark.parametrize("interpolation", ["bilinear", "cubic", "fine"])
@pytest.mark.parametrize("size", [(1, 9), (9, 1), (1, 1)])
def test_a_single_row_or_column_works(size: tuple[int, int], interpolation: str) -> None:
    image = torch.rand(1, 1, *size)
    torch.testing.assert_close(warp(image, torch.zeros(1, 2, *size), interpolation), image, rtol=0, atol=1e-5)


@pytest.mark.parametrize("shape", [(2, 2, 8, 9), (1, 2, 9, 8), (1, 3, 8, 9), (1, 2, 8, 10), (1, 8, 9)])
def test_a_flow_of_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"flow must be \(B, 2, H, W\)"):
        warp(torch.rand(1, 3, 8, 9), torch.zeros(shape))


@pytest.mark.slow
def test_a_flow_that_is_no_number_does_not_crash_the_process() -> None:
    # in a process of its own: the crash would take the tests with it
    code = (
        "import torch; from vid2vid.ops import warp; f = torch.zeros(2, 2, 32, 64); f[0, 0, 3, 3] = float('nan');"
        "f[1, 1, 4, 4] = float('inf'); f.requires_grad_();"
        "w = warp(torch.rand(2, 3, 32, 64, requires_grad=True), f); w.sum().backward(); assert w.isfinite().all()"
    )
    outcome = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stderr


@pytest.mark.parametrize("interpolation", ["cubic", "fine"])
def test_it_can_be_exported_for_any_size(interpolation: str) -> None:
    class Warp(torch.nn.Module):
        def forward(self, image: Tensor, flow: Tensor) -> Tensor:
            return warp(image, flow, interpolation)

    sizes = {2: torch.export.Dim("height", min=2), 3: torch.export.Dim("width", min=2)}
    graph = torch.export.export(Warp(), (torch.rand(1, 3, 8, 9), torch.rand(1, 2, 8, 9)), dynamic_shapes=(sizes, sizes))
    image, flow = torch.rand(1, 3, 21, 13), torch.randn(1, 2, 21, 13) * 3
    torch.testing.assert_close(graph.module()(image, flow), warp(image, flow, interpolation), rtol=0, atol=1e-5)
