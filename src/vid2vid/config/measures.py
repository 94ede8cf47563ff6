"""The registry of measures: what `vid2vid evaluate` reports. Table columns, arrows, help and docs come from it.

It holds texts only and names the metric class of each measure, so that the command's help needs no torch.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

HIGHEST, LOWEST = float("inf"), 0.0


@dataclass(frozen=True)
class Measure:
    """One measure.

    Attributes:
        title: Its column's heading, without the arrow.
        best_value: The value that would be best: infinity, zero or one.
        metric: The class that computes it, as ``module:Class``; a class may compute several measures.
        summary: What it measures, in one line.
        needs: What it needs.
        digits: Digits after the point in tables.
        unit: The unit of its values; empty: none.
    """

    title: str
    best_value: float
    metric: str
    summary: str
    needs: str = "real frames"
    digits: int = 3
    unit: str = ""

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


_HOME = "vid2vid.metrics"
_SEGMENTER = "labels, `segmenter=train` or a TorchScript file"
_CLASSES = "labels, `classes=[…]`"
_SAMPSON = "`sampson=true`, a moving camera"
_DETECTOR = "`keypoints=dlib`, `mediapipe`, `pose` or `holistic` (extra `face`, or mediapipe)"

MEASURES: dict[str, Measure] = {
    "psnr": Measure(
        "PSNR", HIGHEST, f"{_HOME}.image_quality:PSNR", "peak signal-to-noise ratio of each frame", digits=2, unit="dB"
    ),
    "ssim": Measure(
        "SSIM", HIGHEST, f"{_HOME}.image_quality:SSIM", "structural similarity of each frame (Wang et al., 2004)"
    ),
    "perceptual_distance": Measure(
        "perceptual",
        LOWEST,
        f"{_HOME}.perceptual_distance:PerceptualDistance",
        "distance of feature maps in the form of LPIPS; LPIPS only with its network as `image_network`",
        digits=4,
    ),
    "warping_error": Measure(
        "warping error",
        LOWEST,
        f"{_HOME}.temporal:WarpingError",
        "how far each frame is from the one before, warped by the real flow, at visible points (Lai et al., 2018)",
        "flow: exact, or of `flow_estimator`",
        digits=4,
    ),
    "flow_difference": Measure(
        "tOF",
        LOWEST,
        f"{_HOME}.temporal:FlowDifference",
        "distance of the synthesised video's flow from the real one's, both estimated by DIS (Chu et al., 2020)",
        unit="px",
    ),
    "perceptual_change": Measure(
        "perc. change",
        LOWEST,
        f"{_HOME}.perceptual_distance:PerceptualChange",
        "how much the distance between consecutive frames differs from the real video's, as tLPIPS (Chu et al., 2020)",
        digits=4,
    ),
    "video_frechet_distance": Measure(
        "video Fréchet",
        LOWEST,
        f"{_HOME}.frechet:VideoFrechetDistance",
        "Fréchet distance of the features of windows (`window`, `stride`), in the form of FVD",
        "many windows",
    ),
    "video_mmd": Measure(
        "video MMD",
        LOWEST,
        f"{_HOME}.polynomial_mmd:VideoMMD",
        "squared polynomial MMD of the same features, unbiased, in the form of JEDi",
        "two windows",
        digits=4,
    ),
    "deep_video_frechet_distance": Measure(
        "deep video Fréchet",
        LOWEST,
        f"{_HOME}.frechet:DeepVideoFrechetDistance",
        "the same by features of VGG16 and their changes",
        "`deep=true`, extra `hed`",
        digits=1,
    ),
    "deep_video_mmd": Measure(
        "deep video MMD",
        LOWEST,
        f"{_HOME}.polynomial_mmd:DeepVideoMMD",
        "the same by features of VGG16 and their changes",
        "`deep=true`, extra `hed`",
    ),
    "image_frechet_distance": Measure(
        "image Fréchet",
        LOWEST,
        f"{_HOME}.frechet:ImageFrechetDistance",
        "Fréchet distance of the features of single frames, in the form of FID",
        "many frames",
    ),
    "image_mmd": Measure(
        "image MMD",
        LOWEST,
        f"{_HOME}.polynomial_mmd:ImageMMD",
        "squared polynomial MMD of the same features, unbiased, in the form of KID",
        "two frames",
        digits=4,
    ),
    "detail": Measure(
        "detail",
        1.0,
        f"{_HOME}.image_quality:Detail",
        "mean gradient magnitude of the brightness, as a share of the real frames'",
    ),
    "lattice": Measure(
        "lattice",
        LOWEST,
        f"{_HOME}.lattice:Lattice",
        "fine structure that repeats every 8 pixels and stands still, in levels of 255; real frames have some, too",
        "real frames of 32 pixels a side",
    ),
    "colour_drift": Measure(
        "colour drift",
        LOWEST,
        f"{_HOME}.colour_drift:ColourDrift",
        "how much the mean colour of each object varies over time, in CIE Lab; 1 is just visible",
        "instance maps",
    ),
    "sampson_error": Measure(
        "Sampson",
        LOWEST,
        f"{_HOME}.sampson:SampsonError",
        "distance of SIFT keypoints that match in consecutive frames from one rigid scene, median over the matches",
        _SAMPSON,
        unit="px",
    ),
    "sampson_mean": Measure(
        "mean Sampson",
        LOWEST,
        f"{_HOME}.sampson:SampsonError",
        "the same, mean over the matches: what moves by itself and wrong matches count",
        _SAMPSON,
        unit="px",
    ),
    "matched_pairs": Measure(
        "matched pairs",
        HIGHEST,
        f"{_HOME}.sampson:SampsonError",
        "share of the pairs of frames that move and have at least 16 matches, which Sampson errors need",
        _SAMPSON,
    ),
    "miou": Measure(
        "mIoU",
        HIGHEST,
        f"{_HOME}.segmentation:Resegmentation",
        "mean intersection over union of the labels that a segmenter finds and the wanted ones",
        _SEGMENTER,
    ),
    "pixel_accuracy": Measure(
        "pixel acc.",
        HIGHEST,
        f"{_HOME}.segmentation:Resegmentation",
        "share of the pixels whose label that segmenter finds",
        _SEGMENTER,
    ),
    "class_psnr": Measure(
        "class PSNR",
        HIGHEST,
        f"{_HOME}.class_pixels:ClassPixels",
        "peak signal-to-noise ratio of the pixels of `classes`",
        _CLASSES,
        digits=2,
        unit="dB",
    ),
    "class_perceptual_distance": Measure(
        "class perceptual",
        LOWEST,
        f"{_HOME}.class_pixels:ClassPixels",
        "perceptual distance; each point of its maps is weighted by its share of pixels of `classes`",
        _CLASSES,
        digits=4,
    ),
    "class_flow_difference": Measure(
        "class tOF",
        LOWEST,
        f"{_HOME}.class_pixels:ClassPixels",
        "tOF of the pixels of `classes`",
        _CLASSES,
        unit="px",
    ),
    "class_detail": Measure(
        "class detail",
        1.0,
        f"{_HOME}.class_pixels:ClassPixels",
        "detail of the pixels of `classes`",
        _CLASSES,
    ),
    "iou": Measure(
        "IoU",
        HIGHEST,
        f"{_HOME}.segmentation:Resegmentation",
        "intersection over union, as in mIoU, of each of `classes`, in a column of its own",
        f"{_CLASSES} and `segmenter`",
    ),
    "keypoint_error": Measure(
        "keypoint error",
        LOWEST,
        f"{_HOME}.keypoint_error:KeypointError",
        "distance of detected keypoints from those in the real frame, in diagonals of the real ones' bounding box",
        _DETECTOR,
        digits=4,
    ),
    "keypoints_right": Measure(
        "keypoints right",
        HIGHEST,
        f"{_HOME}.keypoint_error:KeypointError",
        "share of keypoints detected within 0.05 of such a diagonal (PCK, Yang & Ramanan, 2013)",
        _DETECTOR,
    ),
}
"""By name, in the order of the columns."""


def split_column(column: str) -> tuple[str, str]:
    """Return the name of a column's measure and of its class, ``("iou", "car")`` of ``iou/car``; else it is empty."""
    measure, _, of_class = column.partition("/")
    return measure, of_class


def measure_of(column: str) -> Measure:
    """Return the measure of a column, that of a class with the class in its heading."""
    name, of_class = split_column(column)
    return replace(MEASURES[name], title=f"{MEASURES[name].title} {of_class}".rstrip())


def ordered_columns(names: Iterable[str]) -> list[str]:
    """Return those names that are columns, each once, in the order of `MEASURES`; those of classes as they come."""
    order = {name: index for index, name in enumerate(MEASURES)}
    known = dict.fromkeys(name for name in names if split_column(name)[0] in order)
    return sorted(known, key=lambda name: order[split_column(name)[0]])


def help_lines() -> list[str]:
    """Return a line on each measure for the help of the command."""
    return [f"{each.heading}: {each.summary} (needs {each.needs})".replace("`", "") for each in MEASURES.values()]
