"""The settings of ``vid2vid synthesize``."""

from dataclasses import dataclass, field
from typing import Any

from omegaconf import MISSING


@dataclass
class Synthesize:
    """``vid2vid synthesize``.

    Attributes:
        checkpoint: A checkpoint of `vid2vid train`, of a video model or of an image generator.
        source: Conditions: a video, a folder of images, or keypoints; several as a list or a pattern, ``[a.mp4,b.mp4]``
            or ``labels/*.mkv``; or ``-``, raw frames on the standard input: ``gray8`` for labels and grey, else
            ``rgb24``.
        output: The .mp4, .mov or .mkv to write, a folder for PNG images, or ``-``, raw ``rgb24`` on the standard
            output; of several sources a folder, for an mp4 of each.
        first: Video or image folder whose first frames are given to F.
        image_checkpoint: A checkpoint of an image generator, which makes F's first frames; without it and ``first`` F
            starts from nothing.
        key_every: After how many frames the image generator makes as many anew as F sees, over and over: what has gone
            wrong in a long video ends there, with a jump; 0: never.
        instance: Video of object ids, for conditions with instance edges.
        foreground: Grey video, a soft mask of the foreground; empty: the model's foreground labels, if it has any.
        background: Video or folder of the background's edges, for faces with them.
        densepose: Video or folder of DensePose maps, for poses with them.
        edit: Changes of the label maps: ``building->vegetation``, ``remove car``, or a list of them (docs/editing.md).
        retarget: The video, or its keypoints, that a model of faces or poses was trained on: to the proportions of its
            person that of the source, a video or keypoints, is brought.
        height: Rows; 0: as the source.
        width: Columns; 0: as the source.
        crop: ``[top, left, bottom, right]`` of the source; empty: all.
        raw_height: Rows of raw frames; 0: ``height``.
        raw_width: Columns of raw frames; 0: ``width``.
        fps: Frames a second of the output; 0: as the source, 25 for raw frames and folders.
        sound: A video whose sound goes under the output; empty: the source, also where it is retargeted, unless
            ``fps`` changes its pace.
        intermediates: Write flow, mask, warped and hallucinated frames as well: out.flow.mp4 and so on.
        resume: Go on with an interrupted synthesis, from the folder out.mp4.parts; what is finished stays.
        segment: After how many frames what is needed to go on is kept.
        styles: A file of `vid2vid styles`, for a model with an encoder of styles.
        style: What objects look like: ``mean``, ``random`` (drawn by ``seed`` from ``styles``) or ``from:PICTURE``.
        style_labels: The label map of that picture.
        style_classes: Looks of single classes, ``{road:3,car:random}``: the number of a kind in ``styles``, ``mean`` or
            ``random``.
        seed: Which of the random styles.
        device: ``cpu``, ``cuda``, ...; empty: a GPU where there is one.
    """

    checkpoint: str = MISSING
    source: Any = MISSING
    output: str = MISSING
    first: str = ""
    image_checkpoint: str = ""
    key_every: int = 0
    instance: str = ""
    foreground: str = ""
    background: str = ""
    densepose: str = ""
    edit: Any = ""
    retarget: str = ""
    height: int = 0
    width: int = 0
    crop: list[int] = field(default_factory=list)
    raw_height: int = 0
    raw_width: int = 0
    fps: float = 0.0
    sound: str = ""
    intermediates: bool = False
    resume: bool = False
    segment: int = 120
    styles: str = ""
    style: str = "mean"
    style_labels: str = ""
    style_classes: Any = None
    seed: int = 0
    device: str = ""


@dataclass
class Styles:
    """``vid2vid styles``.

    Attributes:
        checkpoint: A checkpoint of `vid2vid train`, of a video model with an encoder (``encoder.features``).
        output: The file to write; empty: ``styles.safetensors`` in the run's folder. A sheet of all kinds lies beside
            it.
        data: Another data set than the one of the run; none: the run's own.
        frames: How many training frames are looked at, at most.
        components: Gaussians that the features of a class are a mixture of, at most.
        kinds: Kinds of a class that can be chosen by number (k-means), at most.
        least_pixels: Objects of fewer pixels are left out.
        seed: Decides where the fits begin.
        device: ``cpu``, ``cuda``, ...; empty: a GPU where there is one.
    """

    checkpoint: str = MISSING
    output: str = ""
    data: Any = None
    frames: int = 1000
    components: int = 3
    kinds: int = 8
    least_pixels: int = 16
    seed: int = 0
    device: str = ""
