"""Random augmentation of training clips, drawn once per clip, the same for all its frames and files."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from vid2vid.condition import LIMBS
from vid2vid.config import AugmentConfig
from vid2vid.data.crop_resize import CropResize
from vid2vid.data.editing import LabelChange


@dataclass(frozen=True)
class View:
    """The augmentation of one clip, the same for all its frames.

    Attributes:
        crop_resize: Part and size of the frames, and whether they are mirrored.
        colours: Factors of the real frames' brightness, contrast and saturation, and a shift of their hue in radians;
            None: no change. The condition keeps its colours.
        limbs: ``(LIMBS,)``, which limbs of a skeleton are drawn; None: all.
        labels: Change of label maps and object ids; None: no change.
    """

    crop_resize: CropResize
    colours: tuple[float, float, float, float] | None = None
    limbs: NDArray[np.bool_] | None = None
    labels: LabelChange | None = None


def draw_view(
    config: AugmentConfig, crop_resize: CropResize, height: int, width: int, random: np.random.Generator
) -> View:
    """Draw the augmentation of a training clip.

    Args:
        config: Kinds and strengths of the changes.
        crop_resize: Part and size of the frames without augmentation.
        height: Rows of the file's frames.
        width: Columns of the file's frames.
        random: Source of random numbers; how many are drawn does not depend on ``config``, except for label changes.
    """
    zoom, down, across, flip, *factors = random.random(8)
    brightness, contrast, saturation, hue = (config.colour * (2 * factor - 1) for factor in factors)
    # a quarter of the colour circle at full strength
    colours = (1 + brightness, 1 + contrast, 1 + saturation, hue * np.pi / 2)
    keep = random.random(LIMBS) >= config.drop_limbs
    # drawn last, so that the other numbers do not depend on it
    labels = LabelChange(config, int(random.integers(2**32))) if config.labels else None
    return View(
        _zoomed(crop_resize, height, width, 1 + (config.zoom - 1) * zoom, (down, across), flip < config.flip),
        colours if config.colour else None,
        keep if config.drop_limbs else None,
        labels if random.random() < config.changed_labels else None,
    )


def recoloured(frames: NDArray[np.uint8], colours: tuple[float, float, float, float]) -> NDArray[np.uint8]:
    """Change the colours of frames ``(T, H, W, 3)`` uint8 RGB by `View.colours`."""
    # imported here, because kornia imports slowly and most trainings do not need it
    from kornia import enhance

    brightness, contrast, saturation, hue = colours
    image = torch.from_numpy(frames).permute(0, 3, 1, 2).float() / 255
    mean = image.mean()
    image = ((image - mean) * contrast + mean * brightness).clamp(0, 1)
    image = enhance.adjust_hue(enhance.adjust_saturation(image, saturation), hue)
    changed: NDArray[np.uint8] = (image * 255).round().clamp(0, 255).byte().permute(0, 2, 3, 1).numpy()
    return changed


def _zoomed(
    crop_resize: CropResize, height: int, width: int, zoom: float, place: tuple[float, float], flip: bool
) -> CropResize:
    rows, columns = crop_resize.size(height, width)
    top, left, bottom, right = crop_resize.crop or (0, 0, height, width)
    part = [max(1, round(side / zoom)) for side in (bottom - top, right - left)]
    spare = (bottom - top - part[0], right - left - part[1])
    y, x = (start + round(room * where) for start, room, where in zip((top, left), spare, place, strict=True))
    crop = (y, x, y + part[0], x + part[1])
    return replace(crop_resize, height=rows, width=columns, crop=crop, flip=flip)
