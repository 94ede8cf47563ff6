"""What a layout finds in the folder of a data set: the files of each sequence, not looked at yet."""

from dataclasses import dataclass, field
from pathlib import Path

TARGET = "target"
SOURCE = "source"
PEOPLE = "people"
"""Maps of people's ids, 0 where nobody is: a foreground mask can be made of them."""


@dataclass(frozen=True)
class Footage:
    """The files of one sequence.

    Attributes:
        name: Unique in its data set.
        split: ``train`` or ``val``; empty where the data set is not divided.
        files: For each role (`TARGET`, `SOURCE`, `PEOPLE`, and other paths of
            `vid2vid.data.manifest.VideoSequence`) a video file, a folder, or a folder with a pattern of names
            (`vid2vid.video.is_folder`).
        start: Index of the first frame in the files.
        frames: Number of frames; 0: all.
        problem: Why it cannot be used, with the file at fault and what to do; empty where nothing is known.
    """

    name: str
    split: str
    files: dict[str, Path] = field(default_factory=dict)
    start: int = 0
    frames: int = 0
    problem: str = ""
