"""Settings of how videos are judged."""

from dataclasses import dataclass

from vid2vid.errors import ConfigError


@dataclass
class EvaluationConfig:
    """By what synthesised videos are judged.

    Attributes:
        image_network: Features of frames, for the perceptual distance and the image Fréchet distance:
            ``spatial_energy``, or the path of a TorchScript file.
        video_network: Features of windows of frames, for the video Fréchet distance: ``motion_energy``, ``deep_motion``
            (extra ``hed``), or the path of a TorchScript file.
        window: Frames of such a window; of shorter clips, all their frames.
        stride: Frames from one window's beginning to the next.
        deep: Judge by the features of ``deep_motion``, too, in a column of their own.
        bootstrap: How often the clips are drawn anew to tell how sure a mean over them is; 0: no intervals.
        segmenter: Who finds the labels again in the synthesised frames: the path of a TorchScript file, or ``train``: a
            small network is trained for it, which takes a minute or two; empty: nobody.
        keypoints: Who finds a face (``dlib``, ``mediapipe``) or a person (``pose``, ``holistic``) in synthesised and in
            real frames, to compare where their keypoints are; empty: nobody.
        first_object: The lowest id of an object in the instance maps (Cityscapes: 1000).
    """

    image_network: str = "spatial_energy"
    video_network: str = "motion_energy"
    window: int = 8
    stride: int = 4
    deep: bool = False
    bootstrap: int = 1000
    segmenter: str = ""
    keypoints: str = ""
    first_object: int = 1000

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: A number is too small.
        """
        for name, least in (("window", 1), ("stride", 1), ("bootstrap", 0), ("first_object", 0)):
            if getattr(self, name) < least:
                raise ConfigError(f"{name} must be at least {least}, but is {getattr(self, name)}.")
