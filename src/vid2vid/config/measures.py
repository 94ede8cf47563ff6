"""The registry of measures: what `vid2vid evaluate` reports. Table columns, arrows, help and docs come from it.

It holds texts only and names the metric class of each measure, so that the command's help needs no torch.
"""

from collections.abc import Mapping
from dataclasses import dataclass

HIGHEST, LOWEST = float("inf"), 0.0


@dataclass(frozen=True)
class Measure:
    """One measure.

    Attributes:
        title: Its column's heading, without the arrow.
        best_value: The value that would be best: infinity, zero or one.
        digits: Digits after the point in tables.
        metric: The class that computes it, as ``module:Class``; a class may compute several measures.
        unit: The unit of its values; empty: none.
        summary: What it measures, in one line.
        needs: What it needs.
    """

    title: str
    best_value: float
    digits: int
    metric: str
    unit: str
    summary: str
    needs: str

    @property
    def heading(self) -> str:
        """Title and unit, with an arrow that tells which way is better."""
        arrow = {HIGHEST: "↑", LOWEST: "↓"}.get(self.best_value, f"→ {self.best_value:g}")
        return " ".join(filter(None, (self.title, self.unit, arrow)))

    def best(self, values: Mapping[str, float]) -> str:
        """Return whose value is nearest to the best one, the first of equals."""
        if self.best_value == HIGHEST:
            return max(values, key=lambda name: values[name])
        return min(values, key=lambda name: abs(values[name] - self.best_value))


_METRICS = "vid2vid.metrics"

MEASURES: dict[str, Measure] = {
    "psnr": Measure(
        "PSNR",
        HIGHEST,
        2,
        f"{_METRICS}.image_quality:PSNR",
        "dB",
        "peak signal-to-noise ratio of each frame",
        "real frames",
    ),
    "ssim": Measure(
        "SSIM",
        HIGHEST,
        3,
        f"{_METRICS}.image_quality:SSIM",
        "",
        "structural similarity of each frame (Wang et al., 2004)",
        "real frames",
    ),
    "perceptual_distance": Measure(
        "perceptual",
        LOWEST,
        4,
        f"{_METRICS}.perceptual_distance:PerceptualDistance",
        "",
        "distance of feature maps in the form of LPIPS; LPIPS only with its network as `image_network`",
        "real frames",
    ),
    "warping_error": Measure(
        "warping error",
        LOWEST,
        4,
        f"{_METRICS}.temporal:WarpingError",
        "",
        "difference of a frame from the one before, warped by the flow of the real video, at visible points "
        "(Lai et al., 2018)",
        "flow: exact, or of `flow_estimator`",
    ),
    "flow_difference": Measure(
        "tOF",
        LOWEST,
        3,
        f"{_METRICS}.temporal:FlowDifference",
        "px",
        "distance of the synthesised video's flow from the real one's, both estimated by DIS (Chu et al., 2020)",
        "real frames",
    ),
    "perceptual_change": Measure(
        "perc. change",
        LOWEST,
        4,
        f"{_METRICS}.perceptual_distance:PerceptualChange",
        "",
        "how much the perceptual distance between consecutive frames differs from the real video's, in the form of "
        "tLPIPS (Chu et al., 2020)",
        "real frames",
    ),
    "video_frechet_distance": Measure(
        "video Fréchet",
        LOWEST,
        3,
        f"{_METRICS}.frechet:VideoFrechetDistance",
        "",
        "Fréchet distance of the features of windows (`window`, `stride`), in the form of FVD",
        "many windows",
    ),
    "deep_video_frechet_distance": Measure(
        "deep video Fréchet",
        LOWEST,
        1,
        f"{_METRICS}.frechet:DeepVideoFrechetDistance",
        "",
        "the same by features of VGG16 and their changes",
        "`deep=true`, extra `hed`",
    ),
    "image_frechet_distance": Measure(
        "image Fréchet",
        LOWEST,
        3,
        f"{_METRICS}.frechet:ImageFrechetDistance",
        "",
        "Fréchet distance of the features of single frames, in the form of FID",
        "many frames",
    ),
    "detail": Measure(
        "detail",
        1.0,
        3,
        f"{_METRICS}.image_quality:Detail",
        "",
        "mean gradient magnitude of the brightness, as a share of the real frames'",
        "real frames",
    ),
    "colour_drift": Measure(
        "colour drift",
        LOWEST,
        3,
        f"{_METRICS}.colour_drift:ColourDrift",
        "",
        "how much the mean colour of an object varies over time, in CIE Lab; 1 is just visible",
        "instance maps",
    ),
    "miou": Measure(
        "mIoU",
        HIGHEST,
        3,
        f"{_METRICS}.segmentation:Resegmentation",
        "",
        "mean intersection over union of the labels that a segmenter finds and the wanted ones",
        "labels, `segmenter=train` or a TorchScript file",
    ),
    "pixel_accuracy": Measure(
        "pixel acc.",
        HIGHEST,
        3,
        f"{_METRICS}.segmentation:Resegmentation",
        "",
        "share of the points whose label that segmenter finds",
        "labels, `segmenter=train` or a TorchScript file",
    ),
    "keypoint_error": Measure(
        "keypoint error",
        LOWEST,
        4,
        f"{_METRICS}.keypoint_error:KeypointError",
        "",
        "distance of the detected keypoints from those of the real frame, in diagonals of their bounding box",
        "`keypoints=dlib`, `mediapipe`, `pose` or `holistic` (extra `face`, or mediapipe)",
    ),
    "keypoints_right": Measure(
        "keypoints right",
        HIGHEST,
        3,
        f"{_METRICS}.keypoint_error:KeypointError",
        "",
        "share of the keypoints that are detected within 0.05 of such a diagonal (PCK, Yang & Ramanan, 2013)",
        "`keypoints=dlib`, `mediapipe`, `pose` or `holistic` (extra `face`, or mediapipe)",
    ),
}
"""By name, in the order of the columns."""


def help_lines() -> list[str]:
    """Return a line on each measure for the help of the command."""
    return [f"{entry.heading}: {entry.summary}; needs {entry.needs}" for entry in MEASURES.values()]
