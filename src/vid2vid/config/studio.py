"""Settings of ``vid2vid studio``."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omegaconf import MISSING

from vid2vid.config.settings import LARGEST_SIDE, Settings, setting
from vid2vid.config.synthesis import SYNTHESIS_PRECISIONS


@dataclass
class StudioConfig(Settings):
    """Paint label maps in the browser and see what a model makes of them.

    Serves a page on this machine until Ctrl-C (extra ``studio``).

    Attributes:
        checkpoint: A checkpoint of `vid2vid train`, of a video model or of an image generator, a model folder, or the
            name of a model that comes with vid2vid.
        beside: A second model of the same conditions, whose frames are shown beside those of the first; none: one.
        source: Conditions to begin with, as in `vid2vid synthesize`; none: a new street for models of rendered streets,
            else the page asks for a file.
        instance: Video of object ids, for conditions with edges or motion of objects.
        first: Video or image folder whose first frames are the first frames of the video.
        planes: Videos or folders of planes, for conditions with them: ``{depth:depth/x,normals:normals/x}``.
        styles: A file of `vid2vid styles`, for a model with an encoder: its kinds of each class are chosen on the page.
        seed: Number of the new street.
        frames: Greatest number of frames of a video; longer ones are cut.
        height: Rows; 0: as the source.
        width: Columns; 0: as the source.
        fps: Frames a second; 0: as the source.
        device: ``cpu``, ``cuda``, ...; empty: a GPU where there is one.
        precision: Number format of the convolutions, as in `vid2vid synthesize`.
        threads: Number of threads that compute on a CPU; 0: torch's default.
        host: Address to serve on. With any other than this machine's own, others can open the page; they need the token
            that is printed.
        port: Port to serve on; 0: any that is free.
        visitors: Greatest number of sessions at once.
        minutes: Minutes after which a session that nobody uses is deleted with its files.
        upload_mb: Greatest size, in megabytes, of an uploaded video with all its files of one kind.
        open: Open the page in the browser.
    """

    checkpoint: Path = MISSING
    beside: Path | None = None
    source: Path | None = None
    instance: Path | None = None
    first: Path | None = None
    planes: Any = None
    styles: Path | None = None
    seed: int = setting(0, ge=0)
    frames: int = setting(120, ge=1, le=10_000)
    height: int = setting(0, ge=0, le=LARGEST_SIDE)
    width: int = setting(0, ge=0, le=LARGEST_SIDE)
    fps: float = setting(0.0, ge=0)
    device: str = ""
    precision: str = setting("auto", SYNTHESIS_PRECISIONS)
    threads: int = setting(0, ge=0, le=1024)
    host: str = "127.0.0.1"
    port: int = setting(8017, ge=0, le=65535)
    visitors: int = setting(4, ge=1, le=1000)
    minutes: float = setting(30.0, gt=0)
    upload_mb: float = setting(64.0, gt=0)
    open: bool = False
