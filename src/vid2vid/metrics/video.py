"""The metrics of a whole set of clips."""

import torch
from torch import Tensor
from torchmetrics import Metric

from vid2vid.metrics.functional import detail, psnr, ssim, warping_error


class VideoMetrics(Metric):
    """Means over clips of `psnr`, `ssim`, `warping_error` and `detail`, with the real video's values beside them.

    The sums are kept in float64 and added over processes.
    """

    NAMES = ("psnr", "ssim", "warping_error", "warping_error_real", "detail")
    clips: Tensor
    sums: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.add_state("clips", torch.zeros((), dtype=torch.float64), dist_reduce_fx="sum")
        self.add_state("sums", torch.zeros(len(self.NAMES), dtype=torch.float64), dist_reduce_fx="sum")

    def update(self, video: Tensor, real: Tensor, flow: Tensor, visible: Tensor, given: int = 0) -> None:
        """Add some clips.

        Args:
            video: ``(B, T, 3, H, W)`` in [-1, 1], the given frames first.
            real: The real clips, likewise.
            flow: ``(B, T - 1, 2, H, W)`` pixels, of the real clips.
            visible: ``(B, T - 1, 1, H, W)``.
            given: How many first frames were given: they count only as the past of the next frame.
        """
        for b in range(video.shape[0]):
            fake_frames, real_frames = video[b : b + 1, given:], real[b : b + 1, given:]
            moving = slice(max(given - 1, 0), None)
            motion = (flow[b : b + 1, moving], visible[b : b + 1, moving])
            values = [
                psnr(fake_frames, real_frames),
                ssim(fake_frames, real_frames),
                warping_error(video[b : b + 1, moving], *motion),
                warping_error(real[b : b + 1, moving], *motion),
                detail(fake_frames) / detail(real_frames).clamp(min=1e-9),
            ]
            self.sums += torch.stack(values).to(self.sums)
            self.clips += 1

    def compute(self) -> dict[str, float]:
        """Return the means by name; ``detail`` is relative to the real video's.

        Raises:
            ValueError: Nothing was added.
        """
        if not self.clips:
            raise ValueError("no clip was added")
        return dict(zip(self.NAMES, (self.sums / self.clips).tolist(), strict=True))
