"""Settings of the evaluation."""

from dataclasses import dataclass, field

from vid2vid.config.settings import Settings, setting


@dataclass
class EvaluationConfig(Settings):
    """How synthesised videos are evaluated; `vid2vid.config.MEASURES` lists the metrics.

    Attributes:
        image_network: Features of frames, for the perceptual distance and the image Fréchet distance:
            ``spatial_energy``, or the path of a TorchScript file.
        video_network: Features of windows of frames, for the video Fréchet distance: ``motion_energy``, ``deep_motion``
            (extra ``hed``), or the path of a TorchScript file.
        image_adapter: How frames are prepared for the TorchScript file of ``image_network``, and which output of it is
            used: ``inception`` (pytorch-fid's), ``inception_2015`` (inception-2015-12-05.pt) or ``none``: it takes
            ``(B, 3, H, W)`` in [-1, 1].
        video_adapter: The same for ``video_network``: ``i3d`` (i3d_torchscript.pt), ``videomae``, ``vjepa``, ``vjepa2``
            or ``none``: it takes ``(B, 3, T, H, W)`` in [-1, 1].
        window: Number of frames of a window; for shorter clips, all their frames.
        stride: Frames from the beginning of a window to that of the next.
        deep: Add the video Fréchet distance of the features of ``deep_motion``, in a column of its own.
        sample_curve: Also compute the Fréchet distances and MMDs on fewer clips, to see how much they depend on the
            number of clips.
        sampson: Also compute Sampson errors from keypoints that match in consecutive frames: whether these show one
            rigid scene before a moving camera.
        bootstrap: Number of bootstrap resamples of the clips for the confidence intervals; 0: no intervals.
        segmenter: Finds the labels in the synthesised frames: the path of a TorchScript file, or ``train``: a small
            network is trained for it, which takes some minutes; empty: no metrics of labels.
        classes: Names or ids of labels whose pixels are measured alone, too, such as ``[car,person]``; empty: none.
        keypoints: Detects a face (``dlib``, ``mediapipe``) or a person (``pose``, ``holistic``) in synthesised and in
            real frames, to compare where their keypoints are; empty: none.
        first_object: The lowest id of an object in the instance maps (Cityscapes: 1000).
    """

    image_network: str = "spatial_energy"
    video_network: str = "motion_energy"
    image_adapter: str = setting("none", choices=("none", "inception", "inception_2015"))
    video_adapter: str = setting("none", choices=("none", "i3d", "videomae", "vjepa", "vjepa2"))
    window: int = setting(8, ge=1)
    stride: int = setting(4, ge=1)
    deep: bool = False
    sample_curve: bool = False
    sampson: bool = False
    bootstrap: int = setting(1000, ge=0)
    segmenter: str = ""
    classes: list[str] = field(default_factory=list)
    keypoints: str = ""
    first_object: int = setting(1000, ge=0)
