"""Procedural patterns, averaged in closed form over the footprint of a pixel, which avoids aliasing at any distance."""

import numpy as np

from vid2vid.street.geometry import Floats, Ints

# 256 x 256 random values in 0..1, flattened; all streets use the same ones, at different places
_CELLS = np.random.default_rng(0).random(256 * 256, dtype=np.float32)


def step(x: Floats, width: Floats, edge: Floats | float) -> Floats:
    """Return the share of ``[x - width/2, x + width/2]`` that lies above ``edge``."""
    share: Floats = np.clip((x - edge) / width + np.float32(0.5), 0, 1)
    return share


def band(x: Floats, width: Floats, low: Floats | float, high: Floats | float) -> Floats:
    """Return the share of ``[x - width/2, x + width/2]`` that lies in ``[low, high]``."""
    half = width * np.float32(0.5)
    share: Floats = np.clip((np.minimum(x + half, high) - np.maximum(x - half, low)) / width, 0, 1)
    return share


def pulse(x: Floats, width: Floats, low: Floats | float, high: Floats | float) -> Floats:
    """Return the share of ``[x - width/2, x + width/2]`` that lies in ``[low, high] + k`` for any integer k.

    Requires ``0 <= low <= high <= 1``.
    """
    half, share = width * np.float32(0.5), high - low

    def below(at: Floats) -> Floats:
        whole = np.floor(at)
        area: Floats = whole * share + np.clip(at - whole - low, 0, share)
        return area

    mean: Floats = np.clip((below(x + half) - below(x - half)) / width, 0, 1)
    return mean


def _at(row: Ints, column: Ints) -> Floats:
    return _CELLS.take(((row & 255) << 8) | (column & 255))


def chance(column: Floats, row: Floats, seed: Floats | int = 0) -> Floats:
    """Return a random value in 0..1 for each cell with integer coordinates, determined by the seed."""
    turn = np.asarray(seed).astype(np.intp)
    return _at(row.astype(np.intp) + turn * 57, column.astype(np.intp) + turn * 131)


def noise(u: Floats, v: Floats, wavelength: float, footprint: Floats) -> Floats:
    """Return smooth noise, about -1..1, which fades where its waves are smaller than a pixel's footprint.

    Args:
        u: Texture coordinate, metres.
        v: Texture coordinate, metres.
        wavelength: Distance between independent values, metres.
        footprint: Extent of a pixel on the texture, metres.
    """
    fade = np.clip(1.6 - footprint * np.float32(1.2 / wavelength), 0, 1)
    result: Floats = np.zeros_like(fade)
    near = np.flatnonzero(fade)
    u, v = u[near] * np.float32(1 / wavelength), v[near] * np.float32(1 / wavelength)
    column, row = np.floor(u), np.floor(v)
    u, v = u - column, v - row
    u, v = u * u * (3 - 2 * u), v * v * (3 - 2 * v)
    i, j = row.astype(np.intp), column.astype(np.intp)
    upper = _at(i, j) * (1 - u) + _at(i, j + 1) * u
    lower = _at(i + 1, j) * (1 - u) + _at(i + 1, j + 1) * u
    result[near] = (2 * (upper * (1 - v) + lower * v) - 1) * fade[near]
    return result
