"""Measures of the pixels of some label classes alone, such as those of the moving objects."""

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor

from vid2vid.flow.dis import DIS
from vid2vid.flow.estimator import FlowEstimator
from vid2vid.metrics.bootstrap import Figure
from vid2vid.metrics.clip_metric import ClipMean, MetricFactory, MetricSetup, ReferenceClip, weighted
from vid2vid.metrics.image_quality import HIGHEST_PSNR, gradients
from vid2vid.metrics.metric_networks import Network, image_network
from vid2vid.metrics.perceptual_distance import feature_distance_within, frame_features
from vid2vid.metrics.temporal import LEAST_FLOW_PIXELS, flow_difference_rows


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """Return the mean of ``(T, H, W)`` over the points of a mask in each frame, ``(T,)``; NaN where it has none."""
    return (values * mask).sum((1, 2)) / mask.sum((1, 2))


class ClassPixels(ClipMean):
    """PSNR, perceptual distance, tOF and detail of the pixels that the labels give to some classes, all together.

    Each is the mean over clips of the mean over these pixels: a frame weighs as many as it has. If all pixels count, it
    is the measure of whole frames.

    Args:
        classes: Indices of the classes.
        network: As for `vid2vid.metrics.PerceptualDistance`; it must give maps.
        estimator: Estimates the flows; by default DIS.

    Raises:
        ConfigError: The network cannot be loaded.
    """

    measures = ("class_psnr", "class_perceptual_distance", "class_flow_difference", "class_detail")

    def __init__(
        self,
        classes: Sequence[int],
        network: Network = "spatial_energy",
        estimator: FlowEstimator | None = None,
    ) -> None:
        super().__init__()
        self.classes = tuple(classes)
        self.network = image_network(network)
        self.estimator = estimator or DIS()

    @classmethod
    def factory(cls, setup: MetricSetup) -> MetricFactory | None:
        """See `VideoMetric.factory`."""
        if not setup.chosen:
            return None
        setup.notes.append(f"Measures of classes are those of the pixels of {', '.join(setup.chosen)}.")
        return partial(cls, [*setup.chosen.values()], setup.image_network)

    def rows(self, video: Tensor, reference: ReferenceClip) -> dict[str, Tensor]:
        """Return the values of each frame, weighted by its pixels that count (see `ClipMean.rows`).

        Raises:
            ValueError: The reference has no labels.
            ConfigError: The network cannot take the frames.
        """
        if reference.labels is None:
            raise ValueError("ClassPixels needs the labels of the real video: ReferenceClip(real, labels=labels)")
        labels = reference.labels[0]
        whole_mask = torch.isin(labels, torch.tensor(self.classes, device=labels.device)).double()
        mask = whole_mask[reference.given :]
        pixels = mask.sum((1, 2))
        fake, real = (reference.counted(each)[0].double() for each in (video, reference.real))
        ratio = 10 * torch.log10(4 / masked_mean((fake - real).square().mean(1), mask))
        found = {"class_psnr": weighted(ratio.clamp(max=HIGHEST_PSNR), pixels)}

        # as in `Detail`, the weight of a frame is the detail of the real one
        inner = mask[:, :-1, :-1]
        fake, real = ((gradients(each, reference) * inner).sum((1, 2)) for each in (video, reference.real))
        known = real.where(inner.sum((1, 2)) == 0, real.clamp(min=1e-9))
        found["class_detail"] = weighted(fake / known, known)

        if not self.left_out(reference, LEAST_FLOW_PIXELS, "tOF"):
            found["class_flow_difference"] = flow_difference_rows(video, reference, self.estimator, whole_mask)
        if not self.too_small_for(self.network, reference):
            distances = self._perceptual_distances(video, reference, mask)
            if distances is not None:
                found["class_perceptual_distance"] = weighted(distances, pixels)
        return found

    def _perceptual_distances(self, video: Tensor, reference: ReferenceClip, mask: Tensor) -> Tensor | None:
        """Return the distance of each frame that counts, or None if the network gives no maps."""
        past = reference.given_in_pairs
        fake, real = (frame_features(self.network, each, reference)[past:] for each in (video, reference.real))
        if any(each.dim() != 4 for each in fake[0].normalised):
            self.note(f"class perceptual: left out, since {self.network.name} gives vectors, which have no positions.")
            return None
        trios = zip(fake, real, mask, strict=True)
        return torch.cat([feature_distance_within(a.normalised, b.normalised, one[None]) for a, b, one in trios])

    def figure(self, measure: str, resamples: int = 0) -> Figure | None:
        """Return the mean over the clips that show one of the classes (see `VideoMetric.figure`)."""
        found = super().figure(measure, resamples)
        if found is None and measure == self.measures[0]:
            self.note("Measures of classes: left out, since no frame shows one of them.")
        return found
