"""Data sets in the layouts that people have, read as they are.

Each layout lists its files (`Footage`), which are looked at once (`Examiner`) and become the sequences of a manifest.
"""

from vid2vid.data.layouts.detection import detect
from vid2vid.data.layouts.origin import FolderOrigin
from vid2vid.data.layouts.palettes import CITYSCAPES, Label, read_palette

__all__ = ["CITYSCAPES", "FolderOrigin", "Label", "detect", "read_palette"]
