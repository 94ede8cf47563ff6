"""Data sets in the layouts that people have, read as they are.

Each layout lists its files (`Footage`), which are looked at once (`Examiner`) and become the sequences of a manifest.
"""

from vid2vid.data.formats.detection import detect
from vid2vid.data.formats.folder_source import FolderSource
from vid2vid.data.formats.palettes import CITYSCAPES, Label, read_palette

__all__ = ["CITYSCAPES", "FolderSource", "Label", "detect", "read_palette"]
