"""What synthesised frames depend on, written down so that an interrupted synthesis goes on with the same."""

import hashlib
from pathlib import Path

import torch

from vid2vid.baselines import ImageModule
from vid2vid.generator import Style
from vid2vid.synthesis.material import Material
from vid2vid.training import Vid2VidModule
from vid2vid.video import RawVideo

Module = Vid2VidModule | ImageModule


def describe(module: Module, material: Material, first: Path | ImageModule | None) -> dict[str, str]:
    """Return the model's weights and the files by the names of their settings."""
    crop_resize = material.crop_resize
    paths = {"instance": material.instance, "foreground": material.foreground, "appended": material.appended}
    return {
        "checkpoint": fingerprint(module),
        "source": _file(material.source),
        "first": fingerprint(first) if isinstance(first, ImageModule) else _file(first),
        **{name: _file(path) for name, path in paths.items()},
        "height": str(crop_resize.height),
        "width": str(crop_resize.width),
        "crop": str(list(crop_resize.crop)),
    }


def fingerprint(module: Module) -> str:
    """Return a short name of the weights that synthesise; other weights have another."""
    generator = module.synthesis_generator
    digest = hashlib.sha256()
    for name, tensor in generator.state_dict().items():
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return f"weights {digest.hexdigest()[:16]}"


def name_of(style: Style) -> str:
    """Return a short name of a style; another style has another."""
    return hashlib.sha256(style.table.detach().cpu().contiguous().numpy().tobytes()).hexdigest()[:16]


def _file(path: Path | RawVideo | None) -> str:
    if path is None:
        return "none"
    if isinstance(path, RawVideo):
        return f"raw frames of {path.height} x {path.width}"
    size = f" ({path.stat().st_size} bytes)" if path.is_file() else ""
    return f"{path}{size}"
