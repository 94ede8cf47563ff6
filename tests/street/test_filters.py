"""Filtered patterns are means over the pixel, and fade where they are too fine."""

from collections.abc import Callable

import numpy as np
import pytest

from vid2vid.street.filters import band, chance, noise, pulse, step

PATTERNS: dict[str, tuple[Callable[..., np.ndarray], Callable[[np.ndarray], np.ndarray]]] = {
    "step": (lambda x, w: step(x, w, 0.3), lambda x: x > 0.3),
    "band": (lambda x, w: band(x, w, -0.2, 0.5), lambda x: (x > -0.2) & (x < 0.5)),
    "pulse": (lambda x, w: pulse(x, w, 0.2, 0.7), lambda x: (x % 1 > 0.2) & (x % 1 < 0.7)),
}


@pytest.mark.parametrize("name", PATTERNS)
@pytest.mark.parametrize("width", [0.01, 0.4, 1.7])
def test_patterns_are_means_over_the_width(name: str, width: float) -> None:
    filtered, pattern = PATTERNS[name]
    x = np.linspace(-2, 2, 41, dtype=np.float32) + np.float32(0.0123)
    samples = x[:, None] + (np.arange(2000) + 0.5) / 2000 * width - width / 2
    np.testing.assert_allclose(filtered(x, np.full_like(x, width)), pattern(samples).mean(axis=1), atol=2e-3)


def test_chance_is_even_and_always_the_same() -> None:
    row, column = (axis.reshape(-1).astype(np.float32) for axis in np.indices((100, 100)))
    first = chance(column, row, 3)
    np.testing.assert_array_equal(first, chance(column, row, 3))
    assert abs(first.mean() - 0.5) < 0.01
    assert abs(np.corrcoef(first, chance(column, row, 4))[0, 1]) < 0.05


def test_noise_is_smooth_and_fades_with_the_footprint() -> None:
    u = np.linspace(0, 20, 4001, dtype=np.float32)
    v, sharp = np.full_like(u, 0.3), np.zeros_like(u)
    values = noise(u, v, 1.0, sharp)
    assert np.abs(values).max() <= 1
    assert values.std() > 0.2
    assert np.abs(np.diff(values)).max() < 0.03
    assert not noise(u, v, 1.0, sharp + 2).any()
