"""Semantic editing: changes of label maps before F sees them."""

from vid2vid.data.editing.edit import Edit, read_edits
from vid2vid.data.editing.label_change import LabelChange
from vid2vid.data.editing.label_editor import LabelEditor
from vid2vid.data.editing.label_shapes import Sketch, coarsened, filled, followed, grown, sketched

__all__ = [
    "Edit",
    "LabelChange",
    "LabelEditor",
    "Sketch",
    "coarsened",
    "filled",
    "followed",
    "grown",
    "read_edits",
    "sketched",
]
