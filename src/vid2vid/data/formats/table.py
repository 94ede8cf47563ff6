"""The layouts that have a folder for each kind of file, and in it a file or folder for each sequence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

SETS = ("train", "val", "test")
"""How the sets of a divided data set are called."""

LABELS = ("labels", "image")
PICTURES = ("labels", "image", "grey")
FACES = ("face",)
POSES = ("pose",)


@dataclass(frozen=True)
class Layout:
    """Where the files of a layout lie.

    Attributes:
        name: Its name.
        place: A folder's path, of ``{split}`` and ``{part}``.
        target: The part with the real frames.
        sources: The parts with conditions, and which kinds of condition each can hold.
        extras: The parts with other files, for each role (`vid2vid.data.formats.footage.Footage.files`).
    """

    name: str
    place: str
    target: str
    sources: Mapping[str, tuple[str, ...]]
    extras: Mapping[str, str] = field(default_factory=dict)

    def folder(self, root: Path, split: str, part: str) -> Path:
        """Return the folder of a part in a split; an empty split is the data set's own folder."""
        return root / self.place.format(split=split, part=part).lstrip("/")

    @property
    def sets(self) -> tuple[str, ...]:
        """The names that its sets can have; an empty one where the data set need not be divided."""
        return (*SETS, "") if self.place.startswith("{split}/") else SETS

    def __str__(self) -> str:
        """Say in words what it is known by."""
        parts = (" or ".join(self.sources), self.target)
        conditions, frames = (self.folder(Path(), self.sets[-1] and "train", part) for part in parts)
        return f"{self.name} ({frames}/ with {conditions}/)"


LAYOUTS = {
    layout.name: layout
    for layout in (
        Layout(
            "paired",
            "{split}/{part}",
            "target",
            {"source": (*PICTURES, *FACES, *POSES)},
            {"instance": "instance", "foreground": "foreground", "densepose": "densepose"},
        ),
        Layout("pix2pix", "{split}_{part}", "B", {"A": PICTURES}, {"instance": "inst"}),
        Layout("face", "{split}_{part}", "img", {"keypoints": FACES}),
        Layout("pose", "{split}_{part}", "img", {"openpose": POSES}, {"densepose": "densepose"}),
        Layout(
            "tasks",
            "{split}/{part}",
            "images",
            {"seg_maps": LABELS, "landmarks-dlib68": FACES, "poses-openpose": POSES},
            {"instance": "instance_maps", "densepose": "pose_maps-densepose", "people": "human_instance_maps"},
        ),
    )
}
"""All of them, by name."""
