"""Data-set formats, whose files are read in place.

A format lists the files of each sequence (`SequenceFiles`). They are checked once (`Validator`), and become the
sequences of a manifest.
"""

from vid2vid.data.formats.folder_source import FolderSource
from vid2vid.data.formats.known_formats import detect_format
from vid2vid.data.formats.palettes import Label, read_palette

__all__ = ["FolderSource", "Label", "detect_format", "read_palette"]
