"""`FolderFormat`: a folder for each kind of file, with a file or a folder for each sequence in it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vid2vid.condition import KINDS, Plane
from vid2vid.data.formats.frame_files import KEYPOINT_FILE
from vid2vid.data.formats.splits import SETS, splits_of
from vid2vid.data.formats.validator import PLANE, SOURCE, TARGET, SequenceFiles
from vid2vid.errors import DataError
from vid2vid.video.images import VIDEO_ENDINGS, list_folder, natural_order


@dataclass(frozen=True)
class FolderFormat:
    """A data-set format that has a folder for each kind of file.

    Attributes:
        name: The format's ``data.layout``.
        place: Path pattern of a folder, with ``{split}`` and ``{part}``.
        target: The part with the real frames.
        sources: The parts with conditions, each with the kinds of condition that it can contain.
        extras: The parts with other files, by role (`SequenceFiles.files`).
        palette: The built-in palette of its labels; empty: none.
        class_in_red: Whether its label maps have the class in red (`vid2vid.condition.Condition.class_in_red`).
        planes: Planes whose files differ from those of `vid2vid.condition.PLANES`, by name.
    """

    name: str
    place: str
    target: str
    sources: Mapping[str, tuple[str, ...]]
    extras: Mapping[str, str] = field(default_factory=dict)
    palette: str = ""
    class_in_red: bool = False
    planes: Mapping[str, Plane] = field(default_factory=dict)

    def folder(self, root: Path, split: str, part: str) -> Path:
        """Return the folder of a part in a split; with an empty split, in the data set's root."""
        return root / self.place.format(split=split, part=part).lstrip("/")

    @property
    def sets(self) -> tuple[str, ...]:
        """The possible names of its sets, including an empty one if the data set need not be divided."""
        return (*SETS, "") if self.place.startswith("{split}/") else SETS

    def __str__(self) -> str:
        """Return the name, with the folders by which the format is recognised."""
        parts = (" or ".join(self.sources), self.target)
        conditions, frames = (self.folder(Path(), self.sets[-1] and "train", part) for part in parts)
        return f"{self.name} ({frames}/ with {conditions}/)"

    def matches(self, root: Path) -> bool:
        """Whether a folder has frames and conditions where this format expects them."""
        return any(
            self.folder(root, name, self.target).is_dir()
            and any(self.folder(root, name, part).is_dir() for part in self.sources)
            for name in self.sets
        )

    def list_sequences(
        self, root: Path, condition: str, planes: Collection[Plane] = ()
    ) -> tuple[list[SequenceFiles], tuple[str, ...]]:
        """List the sequences of a data set.

        Args:
            root: The folder of the data set.
            condition: The wanted kind of condition, or ``auto``.
            planes: The wanted planes.

        Returns:
            The sequences in natural order, including those with missing files, and the kinds of condition that they may
            have.

        Raises:
            DataError: There are no frames, no conditions of this kind, or no folder of a plane.
        """
        splits = splits_of(self.sets, lambda name: self.folder(root, name, self.target).is_dir())
        if not splits:
            raise DataError(f"{root}: has no frames where the format {self} expects them; check data.layout.")
        parts = dict(self.extras)
        kinds: tuple[str, ...] = (condition,)
        from_frames = condition != "auto" and not KINDS[condition].stored
        if not from_frames:
            parts[SOURCE] = self._source_part(root, list(splits), condition)
            kinds = self.sources[parts[SOURCE]]
        found: list[SequenceFiles] = []
        for name, split in splits.items():
            places = {role: self.folder(root, name, part) for role, part in parts.items()}
            # the folder of conditions is required; the others are used if they exist
            folders = {role: place for role, place in places.items() if role == SOURCE or place.is_dir()}
            for plane in planes:
                place = folders[PLANE + plane.name] = self.folder(root, name, plane.folder or plane.name)
                if not place.is_dir():
                    raise DataError(
                        f"{place}: there is no such folder, which should hold the plane {plane.name!r} of data.planes; "
                        "add it, or leave the plane out."
                    )
            found += _sequences({TARGET: self.folder(root, name, self.target), **folders}, split, from_frames)
        return found, kinds

    def _source_part(self, root: Path, sets: list[str], condition: str) -> str:
        """Choose the part from which the conditions are taken."""
        fitting = [part for part, kinds in self.sources.items() if condition in ("auto", *kinds)]
        for part in fitting:
            if any(self.folder(root, name, part).is_dir() for name in sets):
                return part
        wanted = " or ".join(f"{self.folder(root, sets[0], part)}" for part in fitting)
        raise DataError(
            f"{root}: the format {self.name!r} has no conditions of the kind {condition!r}"
            + (f": there is no {wanted}." if wanted else "; choose another data.condition or data.layout.")
        )


def _sequences(folders: dict[str, Path], split: str, from_frames: bool) -> Iterator[SequenceFiles]:
    """Group the files of a set by name, over all its folders."""
    found = {role: _paths_by_name(folder) for role, folder in folders.items()}
    names = {name for paths in found.values() for name in paths}
    for name in sorted(names, key=lambda name: natural_order(Path(name))):
        files = {role: paths[name] for role, paths in found.items() if name in paths}
        if from_frames and TARGET in files:
            files[SOURCE] = files[TARGET]
        problem = ""
        for missing in (folder for role, folder in folders.items() if role not in files):
            present = files.get(TARGET) or next(iter(files.values()))
            problem = (
                f"{present}: its partner is missing: there is no {name!r} in {missing}, as a video or as a folder of "
                "files."
            )
            break
        yield SequenceFiles(f"{split}-{name}" if split else name, split, files, problem=problem)


def _paths_by_name(folder: Path) -> dict[str, Path]:
    """Return the sequences in a folder by name: folders, videos and keypoint files."""
    found: dict[str, Path] = {}
    for path in list_folder(folder):
        if path.is_dir() or path.suffix.lower() in (*VIDEO_ENDINGS, KEYPOINT_FILE):
            name = path.name if path.is_dir() else path.stem
            if name in found:
                raise DataError(f"{folder}: has both {found[name].name} and {path.name}; keep one of them.")
            found[name] = path
    if not found:
        raise DataError(
            f"{folder}: holds no sequences. Each is a video file, or a folder of its own with a file for each frame."
        )
    return found
