"""The measures by name: what they are called in tables, and which way is better."""

from dataclasses import dataclass

from vid2vid.evaluation.bootstrap import Interval

REAL = "real"
"""The candidate that is the real video itself: what it has of a measure is the yardstick of the others."""


@dataclass(frozen=True)
class Measure:
    """What is known of a measure.

    Attributes:
        title: Its column's heading.
        aim: The value that would be best: infinity, zero or one.
        digits: Digits after the point in tables.
    """

    title: str
    aim: float
    digits: int = 4

    @property
    def heading(self) -> str:
        """The title with an arrow that tells which way is better."""
        arrow = {float("inf"): "↑", 0.0: "↓"}.get(self.aim, f"→ {self.aim:g}")
        return f"{self.title} {arrow}"

    def best(self, values: dict[str, float]) -> str:
        """Return whose value is nearest to the aim, the first of equals."""
        if self.aim == float("inf"):
            return max(values, key=lambda name: values[name])
        return min(values, key=lambda name: abs(values[name] - self.aim))


HIGH, LOW = float("inf"), 0.0

MEASURES: dict[str, Measure] = {
    "psnr": Measure("PSNR dB", HIGH, 2),
    "ssim": Measure("SSIM", HIGH, 3),
    "perceptual_distance": Measure("perceptual", LOW),
    "warping_error": Measure("warping error", LOW),
    "flow_difference": Measure("tOF px", LOW, 3),
    "perceptual_change": Measure("perc. change", LOW),
    "video_frechet_distance": Measure("video Fréchet", LOW, 3),
    "deep_video_frechet_distance": Measure("deep video Fréchet", LOW, 1),
    "image_frechet_distance": Measure("image Fréchet", LOW, 3),
    "detail": Measure("detail", 1.0, 3),
    "colour_drift": Measure("colour drift", LOW, 3),
    "miou": Measure("mIoU", HIGH, 3),
    "pixel_accuracy": Measure("pixel acc.", HIGH, 3),
    "keypoint_error": Measure("keypoint error", LOW),
    "keypoints_right": Measure("keypoints right", HIGH, 3),
}
"""In the order of the columns."""


@dataclass(frozen=True)
class Figure:
    """What was measured of a candidate over all clips.

    Attributes:
        value: The measure's value.
        interval: Within which bounds it lies with 95 %, clips drawn anew; None where that is not known.
        clips: Of a mean over clips each clip's value, NaN where it has none; else empty.
    """

    value: float
    interval: Interval | None = None
    clips: tuple[float, ...] = ()


Figures = dict[str, dict[str, Figure]]
"""For each candidate its figures by the name of the measure."""
