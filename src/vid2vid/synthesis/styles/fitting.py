"""The distribution of features: mixtures of Gaussians to draw from, and kinds to choose from."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vid2vid.errors import DataError, require
from vid2vid.synthesis.identity import fingerprint
from vid2vid.synthesis.styles.book import StyleBook
from vid2vid.training import Vid2VidModule

_OBJECTS_A_PART = 10
"""Of fewer objects than this for each Gaussian, or each kind, none could be told."""
_LEAST_VARIANCE = 1e-4


def fit_styles(
    module: Vid2VidModule, features: Sequence[Tensor], components: int = 3, kinds: int = 8, seed: int = 0
) -> StyleBook:
    """Fit mixtures of Gaussians and find kinds (k-means), for each class.

    Args:
        module: The model whose encoder gave the features.
        features: For each class ``(N, d)``; of some classes there may be none.
        components: Gaussians of a class, fewer where there are few objects.
        kinds: Kinds of a class, likewise.
        seed: Decides where the fits begin.

    Raises:
        ConfigError: The model has no encoder.
        DataError: There is no object at all.
        MissingExtraError: scikit-learn is not installed.
    """
    mixture, cluster = require("sklearn.mixture", "styles"), require("sklearn.cluster", "styles")
    if not any(map(len, features)):
        raise DataError("there is no object whose style could be read: the frames are too small or too few.")
    styles = module.synthesis_generator.require_encoder()
    classes, size = len(features), styles.config.features
    tables = {
        "mean": styles.mean.table.detach().cpu().clone(),
        "objects": torch.tensor([len(own) for own in features]),
        "centres": torch.zeros(classes, kinds, size),
        "sizes": torch.zeros(classes, kinds, dtype=torch.int64),
        "weights": torch.zeros(classes, components),
        "means": torch.zeros(classes, components, size),
        "factors": torch.zeros(classes, components, size, size),
    }
    for i, own in enumerate(features):
        if len(own):
            numbers = own.double().numpy()
            _fit_kinds(cluster, numbers, kinds, seed, {name: tables[name][i] for name in ("centres", "sizes")})
            parts = {name: tables[name][i] for name in ("weights", "means", "factors")}
            _fit_mixture(mixture, numbers, components, seed, parts)
            tables["mean"][i] = own.mean(0)
    names = module.condition.label_names or [str(label) for label in module.condition.label_ids] or ["all"]
    return StyleBook(**tables, labels=list(names), model=fingerprint(module))


def _fit_kinds(cluster: Any, numbers: Any, kinds: int, seed: int, rows: dict[str, Tensor]) -> None:  # noqa: ANN401 - scikit-learn has no types
    count = min(kinds, _most(numbers), len(np.unique(numbers, axis=0)))
    fit = cluster.KMeans(count, n_init=4, random_state=seed).fit(numbers)
    sizes = np.bincount(fit.labels_, minlength=count)
    order = np.argsort(-sizes, kind="stable")
    rows["centres"][:count] = torch.from_numpy(fit.cluster_centers_[order])
    rows["sizes"][:count] = torch.from_numpy(sizes[order])


def _fit_mixture(mixture: Any, numbers: Any, components: int, seed: int, rows: dict[str, Tensor]) -> None:  # noqa: ANN401 - scikit-learn has no types
    count = min(components, _most(numbers), len(np.unique(numbers, axis=0)))
    # of a single object its own place is all that is known
    known = np.repeat(numbers, 2, axis=0) if len(numbers) == 1 else numbers
    fit = mixture.GaussianMixture(count, reg_covar=_LEAST_VARIANCE, random_state=seed).fit(known)
    rows["weights"][:count] = torch.from_numpy(fit.weights_)
    rows["means"][:count] = torch.from_numpy(fit.means_)
    rows["factors"][:count] = torch.from_numpy(np.linalg.cholesky(fit.covariances_))


def _most(numbers: Any) -> int:  # noqa: ANN401 - an array
    return max(1, len(numbers) // _OBJECTS_A_PART)
