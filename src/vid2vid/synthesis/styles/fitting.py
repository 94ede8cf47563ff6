"""Fitting styles: the features of the objects of a data set, mixtures of Gaussians to draw from, kinds to choose."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from vid2vid.data.data_module import Vid2VidDataModule
from vid2vid.errors import CheckpointError, DataError, require
from vid2vid.ops import class_map, object_map, to_images
from vid2vid.synthesis.styles.book import StyleBook
from vid2vid.training import Vid2VidModule
from vid2vid.training.checkpoints.fingerprint import fingerprint

_OBJECTS_EACH = 10
"""Objects that each Gaussian and each kind needs."""
_LEAST_VARIANCE = 1e-4


@torch.no_grad()
def collect_styles(
    module: Vid2VidModule, data: Vid2VidDataModule, frames: int = 1000, least_pixels: int = 16
) -> list[Tensor]:
    """Read the features of each object from training frames.

    Args:
        module: A trained module with an encoder.
        data: The data set; an object is an instance where it has instance maps, else all the pixels of a label.
        frames: Largest number of frames, evenly spread; each sequence may add one.
        least_pixels: Smaller objects are left out.

    Returns:
        For each class the features ``(N, d)`` of its objects, one for each frame that shows them.

    Raises:
        ConfigError: The model has no encoder.
        CheckpointError: It was trained on other conditions than those of the data.
        DataError: A file cannot be read.
    """
    encoder, count = module.eval().synthesis_generator.require_encoder(), module.condition.classes
    data.prepare_data()
    data.setup("fit")
    if module.condition.kind != data.condition.kind or module.condition.label_ids != data.condition.label_ids:
        raise CheckpointError(
            f"the model was trained on conditions of the kind {module.condition.kind!r} that differ from those of the "
            f"data ({data.condition.kind!r}); its styles are those of its own data."
        )
    found: list[list[Tensor]] = [[] for _ in range(count)]
    for clip in tqdm(data.training_frames(frames), desc="styles", unit="frame"):
        clip = clip.to(module.device)
        classes = class_map(module.condition, clip.source)
        objects = object_map(classes, clip.instance, count)
        features = encoder(to_images(clip.real), classes, objects)[0, 0].flatten(1).T.cpu()
        # all pixels of an object have the same features: the first is read
        ids, places, pixels = np.unique(objects.flatten().cpu().numpy(), return_index=True, return_counts=True)
        for object_id, place in zip(ids[pixels >= least_pixels], places[pixels >= least_pixels], strict=True):
            found[int(object_id) % count].append(features[place])
    return [torch.stack(own) if own else torch.zeros(0, encoder.config.features) for own in found]


def fit_styles(
    module: Vid2VidModule, features: Sequence[Tensor], components: int = 3, kinds: int = 8, seed: int = 0
) -> StyleBook:
    """Fit a mixture of Gaussians to each class, and find its kinds (k-means).

    Args:
        module: The model of the features.
        features: For each class ``(N, d)``; N may be 0 for some classes.
        components: Largest number of Gaussians of a class; fewer where there are few objects.
        kinds: Largest number of kinds of a class, likewise.
        seed: Seed of the fits.

    Raises:
        ConfigError: The model has no encoder.
        DataError: There is no object at all.
        MissingExtraError: scikit-learn is not installed.
    """
    mixture, cluster = require("sklearn.mixture", "styles"), require("sklearn.cluster", "styles")
    if not any(map(len, features)):
        raise DataError("there is no object whose style could be read: the frames are too small or too few.")
    encoder = module.synthesis_generator.require_encoder()
    classes, size = len(features), encoder.config.features
    tables = {
        "mean": encoder.mean.table.detach().cpu().clone(),
        "objects": torch.tensor([len(own) for own in features]),
        "centres": torch.zeros(classes, kinds, size),
        "sizes": torch.zeros(classes, kinds, dtype=torch.int64),
        "weights": torch.zeros(classes, components),
        "means": torch.zeros(classes, components, size),
        "factors": torch.zeros(classes, components, size, size),
    }
    for i, own in enumerate(features):
        if len(own):
            tables["mean"][i] = own.mean(0)
            numbers = own.double().numpy()
            most = min(max(1, len(numbers) // _OBJECTS_EACH), len(np.unique(numbers, axis=0)))
            kmeans = cluster.KMeans(min(kinds, most), n_init=4, random_state=seed).fit(numbers)
            sizes = np.bincount(kmeans.labels_, minlength=kmeans.n_clusters)
            order = np.argsort(-sizes, kind="stable")
            # a mixture needs two objects
            twice = np.repeat(numbers, 2, axis=0) if len(numbers) == 1 else numbers
            gaussians = mixture.GaussianMixture(
                min(components, most), reg_covar=_LEAST_VARIANCE, random_state=seed
            ).fit(twice)
            fits = {
                "centres": kmeans.cluster_centers_[order],
                "sizes": sizes[order],
                "weights": gaussians.weights_,
                "means": gaussians.means_,
                "factors": np.linalg.cholesky(gaussians.covariances_),
            }
            for name, rows in fits.items():
                tables[name][i, : len(rows)] = torch.from_numpy(rows)
    return StyleBook(**tables, labels=list(module.condition.class_names), model=fingerprint(module))
