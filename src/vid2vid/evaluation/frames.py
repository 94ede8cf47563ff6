"""Judges of single frames and of pairs of them: pixels, motion, objects."""

from collections.abc import Mapping

from torch import Tensor

from vid2vid.evaluation.footage import Footage, Series
from vid2vid.evaluation.judge import SeriesJudge, too_small
from vid2vid.evaluation.measures import REAL
from vid2vid.flow import DIS
from vid2vid.metrics import detail, flow_difference, instance_colour_drifts, per_frame, psnr, ssim, warping_errors
from vid2vid.types import Flow

_LEAST_OF_DIS = 16  # pixels a side; below, OpenCV reads beyond its memory

HIGHEST_PSNR = 100.0
"""dB that frames without any error are given."""


class PixelJudge(SeriesJudge):
    """PSNR, structural similarity, detail and warping error."""

    def see(self, videos: Mapping[str, Tensor], footage: Footage) -> None:
        """Look at the next part of the clip (see `Judge`)."""
        real = footage.counted(footage.real)
        sharpness = per_frame(detail, real)[0].clamp(min=1e-9)
        for name, video in {**videos, REAL: footage.real}.items():
            fake = footage.counted(video)
            self.add(name, "detail", Series.of(per_frame(detail, fake)[0] / sharpness, sharpness))
            self.add(name, "warping_error", self._warping(video, footage))
            if name != REAL:
                self.add(name, "psnr", Series.of(per_frame(psnr, fake, real)[0].clamp(max=HIGHEST_PSNR)))
                self.add(name, "ssim", Series.of(per_frame(ssim, fake, real)[0]))

    @staticmethod
    def _warping(video: Tensor, footage: Footage) -> Series:
        vectors, visible = (part[:, footage.pairs] for part in (footage.flow.vectors, footage.flow.confidence))
        errors = warping_errors(video[:, footage.pairs], vectors, visible)
        return Series.of(errors[0], visible.sum((2, 3, 4))[0]).late(footage)


class MotionJudge(SeriesJudge):
    """The difference of the motion from that of the real video.

    Both are estimated by DIS, also where the exact motion is known: an estimate's own errors are in both.
    """

    def __init__(self, resamples: int = 0) -> None:
        super().__init__(resamples)
        self.estimate = DIS()

    def see(self, videos: Mapping[str, Tensor], footage: Footage) -> None:
        """Look at the next part of the clip (see `Judge`)."""
        if too_small(footage, _LEAST_OF_DIS, "tOF", self.notes):
            return
        real = self._flow(footage.real[0, footage.pairs])
        for name, video in videos.items():
            fake = self._flow(video[0, footage.pairs])
            apart = flow_difference(fake.vectors, real.vectors) * real.confidence
            trusted = real.confidence.double().sum((1, 2, 3))
            series = Series.of(apart.sum((1, 2, 3)) / trusted.clamp(min=1), trusted)
            self.add(name, "flow_difference", series.late(footage))

    def _flow(self, frames: Tensor) -> Flow:
        return self.estimate(frames[:-1], frames[1:])


class ObjectJudge(SeriesJudge):
    """Whether objects keep their colour; a clip must be seen in one part.

    Args:
        resamples: See `SeriesJudge`.
        first_object: The lowest id of an object.
    """

    def __init__(self, resamples: int = 0, first_object: int = 1000) -> None:
        super().__init__(resamples)
        self.first_object = first_object

    def see(self, videos: Mapping[str, Tensor], footage: Footage) -> None:
        """Look at the clip (see `Judge`); one without known objects is passed over."""
        if footage.instance is None:
            return
        instance = footage.counted(footage.instance)
        for name, video in {**videos, REAL: footage.real}.items():
            drifts = instance_colour_drifts(footage.counted(video), instance, first_id=self.first_object)
            self.add(name, "colour_drift", Series.of(drifts))
