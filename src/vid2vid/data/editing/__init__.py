"""Semantic editing: conditions whose labels are changed before F sees them."""

from vid2vid.data.editing.borders import coarsened, grown
from vid2vid.data.editing.edit import Edit, read_edits
from vid2vid.data.editing.editor import LabelEditor
from vid2vid.data.editing.surroundings import filled, followed
from vid2vid.data.editing.training import LabelChange

__all__ = ["Edit", "LabelChange", "LabelEditor", "coarsened", "filled", "followed", "grown", "read_edits"]
