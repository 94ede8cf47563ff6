"""`StyleBook`: the styles of a data set, stored in a safetensors file."""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from vid2vid.errors import ConfigError, DataError, why
from vid2vid.files import parse_json, write_bytes
from vid2vid.generator import Style
from vid2vid.training import Vid2VidModule
from vid2vid.training.checkpoints.fingerprint import fingerprint

FORMAT = "vid2vid styles 1"
_COUNTS = ("objects", "sizes")


@dataclass(frozen=True)
class StyleBook:
    """The features of each class of objects: their mean, their kinds and their distribution.

    Classes without objects have no kinds; their mean is the one that the model kept from its training.

    Attributes:
        mean: ``(R, d)``, the mean over the objects of each class.
        objects: ``(R,)`` int64, how many objects were found.
        centres: ``(R, C, d)``, the centre of each kind (k-means), the most common first; rows after the last are zero.
        sizes: ``(R, C)`` int64, the number of objects of each kind; 0: there is no such kind.
        weights: ``(R, K)``, the weights of a mixture of Gaussians, with sum 1; all 0: no object was found.
        means: ``(R, K, d)``, their means.
        factors: ``(R, K, d, d)``, the lower Cholesky factors of their covariances.
        labels: For each class its name, or its id where it has none.
        model: The model of the features (`vid2vid.training.checkpoints.fingerprint.fingerprint`).
    """

    mean: Tensor
    objects: Tensor
    centres: Tensor
    sizes: Tensor
    weights: Tensor
    means: Tensor
    factors: Tensor
    labels: list[str]
    model: str

    def random(self, seed: int) -> Style:
        """Draw a style in [-1, 1] from the mixtures; it depends on the seed only."""
        random = torch.Generator().manual_seed(seed)
        table = self.mean.clone()
        for i, weights in enumerate(self.weights):
            # drawn for every class, so that the draw of one class does not depend on another
            noise, place = torch.randn(table.shape[1], generator=random), torch.rand(1, generator=random)
            if weights.any():
                part = min(int((weights.cumsum(0) < place).sum()), len(weights) - 1)
                table[i] = self.means[i, part] + self.factors[i, part] @ noise
        return Style(table.clamp(-1, 1))

    def ranges(self) -> Tensor:
        """Return the usual range of each feature in each class, ``(R, 2, d)`` in [-1, 1].

        It reaches three standard deviations of the class's mixture from its mean, and is all of [-1, 1] for a class
        without objects.
        """
        weights = self.weights[..., None]
        mean = (weights * self.means).sum(1)
        own = self.factors.square().sum(-1)  # the variances of each Gaussian
        spread = (weights * (own + (self.means - mean[:, None]).square())).sum(1).sqrt()
        ranges = torch.stack([mean - 3 * spread, mean + 3 * spread], 1).clamp(-1, 1)
        ranges[self.objects == 0] = torch.tensor([[-1.0], [1.0]])
        return ranges

    def centre(self, label: str, number: int) -> Tensor:
        """Return the features ``(d,)`` of one kind of a class.

        Args:
            label: A class.
            number: The kind, counted from 0, the most common one.

        Raises:
            ConfigError: The class has no such kind.
        """
        row = self.labels.index(label)
        kinds = int((self.sizes[row] > 0).sum())
        if not 0 <= number < kinds:
            known = f"its kinds are 0 to {kinds - 1}" if kinds else "no object of it was found"
            raise ConfigError(f"style_classes.{label}={number}: {known}.")
        return self.centres[row, number]

    def require_fit(self, module: Vid2VidModule) -> None:
        """Refuse another model than the one of the features.

        Raises:
            ConfigError: It is another one.
        """
        if self.model != fingerprint(module):
            raise ConfigError(
                "styles: this file was made with another model; the features of two encoders mean different things. "
                "Make one with: vid2vid styles checkpoint=..."
            )

    def save(self, path: Path) -> None:
        """Write a safetensors file; it appears when it is complete.

        Raises:
            OSError: It cannot be written.
        """
        tensors = {name: tensor.contiguous() for name, tensor in asdict(self).items() if isinstance(tensor, Tensor)}
        text = json.dumps({"format": FORMAT, "labels": self.labels, "model": self.model})
        write_bytes(path, save(tensors, {"vid2vid": text}))

    @classmethod
    def load(cls, path: Path) -> "StyleBook":
        """Read a file of `save`.

        Raises:
            DataError: The file is missing, damaged or something else.
        """
        if not path.is_file():
            raise DataError(f"{path}: there is no such file; vid2vid styles checkpoint=... output={path} makes it.")
        try:
            with safe_open(path, "pt") as file:
                text: Any = parse_json((file.metadata() or {}).get("vid2vid", "{}"))
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
        except (SafetensorError, ValueError, OSError) as error:
            raise DataError(f"{path}: cannot be read as a file of styles: {why(error)}") from error
        known = isinstance(text, dict) and text.pop("format", "") == FORMAT
        if not known or {*tensors, *text} != {one.name for one in fields(cls)}:
            raise DataError(f"{path}: this is not a file of `vid2vid styles`.")
        book = cls(**tensors, **text)
        if not book._is_sound():
            raise DataError(f"{path}: its tensors do not fit each other; make it again with `vid2vid styles`.")
        return book

    def _is_sound(self) -> bool:
        """Whether types, shapes and values are as described."""
        if self.mean.ndim != 2 or self.centres.ndim != 3 or self.weights.ndim != 2 or not isinstance(self.labels, list):
            return False
        rows, size = self.mean.shape
        kinds, parts = self.centres.shape[1], self.weights.shape[1]
        shapes = {
            "mean": (rows, size),
            "objects": (rows,),
            "centres": (rows, kinds, size),
            "sizes": (rows, kinds),
            "weights": (rows, parts),
            "means": (rows, parts, size),
            "factors": (rows, parts, size, size),
        }
        tensors = {name: getattr(self, name) for name in shapes}
        return (
            all(isinstance(label, str) for label in (*self.labels, self.model))
            and rows == len(self.labels)
            and all(tensors[name].shape == shape for name, shape in shapes.items())
            and all(tensor.is_floating_point() != (name in _COUNTS) for name, tensor in tensors.items())
            and all(bool(tensor.isfinite().all()) for tensor in tensors.values())
        )
