"""Settings of ``vid2vid predict``."""

from dataclasses import dataclass
from pathlib import Path

from omegaconf import MISSING

from vid2vid.config.settings import Settings, setting
from vid2vid.errors import ConfigError


@dataclass
class PredictionConfig(Settings):
    """Predict the next label maps of a video, and synthesise its frames.

    Attributes:
        checkpoint: A checkpoint of ``vid2vid train model=predictor``.
        source: Video or image folder of label maps, of which the first ones are given.
        output: Folder to write into.
        given: N, the number of given maps; 0: L, the number of past maps that the predictor sees.
        frames: M, the number of predicted maps.
        height: Rows at which to predict, best as in its training; 0: as the source.
        width: Columns at which to predict; 0: as the source.
        instance: Video of object ids; they are moved by the predicted flow.
        synthesizer: A checkpoint of a video model or an image generator, which makes frames of the maps, given and
            predicted ones; none: label maps only.
        first: Video or image folder whose first frames are given to the video model.
        image_checkpoint: A checkpoint of an image generator, which makes its first frames; without it and ``first`` it
            starts from an empty past.
        fps: Frames a second; 0: as the source.
        device: ``cpu``, ``cuda``, ...; empty: a GPU where there is one.
    """

    checkpoint: Path = MISSING
    source: Path = MISSING
    output: Path = MISSING
    given: int = setting(0, ge=0)
    frames: int = setting(10, ge=1)
    height: int = setting(0, ge=0)
    width: int = setting(0, ge=0)
    instance: Path | None = None
    synthesizer: Path | None = None
    first: Path | None = None
    image_checkpoint: Path | None = None
    fps: float = setting(0.0, ge=0)
    device: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ConfigError: A number is out of bounds, or settings contradict each other or need another one.
        """
        super().__post_init__()
        if bool(self.height) != bool(self.width):
            raise ConfigError(f"give both height and width, or neither; got {self.height} x {self.width}.")
        if self.first and self.image_checkpoint:
            raise ConfigError("first and image_checkpoint both give the first frames: give one of them.")
        for name in ("first", "image_checkpoint"):
            if getattr(self, name) and not self.synthesizer:
                raise ConfigError(f"{name} has an effect on a video model only: give its checkpoint as synthesizer=...")
