"""Settings of ``vid2vid predict``."""

from dataclasses import dataclass

from omegaconf import MISSING


@dataclass
class Predict:
    """``vid2vid predict``.

    Attributes:
        checkpoint: A checkpoint of ``vid2vid train model=predictor``.
        source: Video or image folder of label maps, of which the first ones are given.
        output: Folder to write into.
        given: How many are given; 0: as many as the predictor looks at.
        frames: How many are predicted.
        height: Rows at which to predict, best as in its training; 0: as the source.
        width: Columns at which to predict; 0: as the source.
        instance: Video of object ids; they are carried along by the predicted flow.
        synthesizer: A checkpoint of a video model or an image generator, which makes frames of the maps, given and
            predicted ones; empty: label maps only.
        first: Video or image folder whose first frames are given to the video model.
        image_checkpoint: A checkpoint of an image generator, which makes its first frames; without it and ``first`` it
            starts from nothing.
        fps: Frames a second; 0: as the source.
        device: ``cpu``, ``cuda``, ...; empty: a GPU where there is one.
    """

    checkpoint: str = MISSING
    source: str = MISSING
    output: str = MISSING
    given: int = 0
    frames: int = 10
    height: int = 0
    width: int = 0
    instance: str = ""
    synthesizer: str = ""
    first: str = ""
    image_checkpoint: str = ""
    fps: float = 0.0
    device: str = ""
