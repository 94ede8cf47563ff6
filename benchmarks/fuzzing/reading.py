"""A process that reads damaged files, one after the other, through all that users' files of their kind reach.

It is started by `fuzzing.running`, gets lines of JSON and answers each with one.
"""

import json
import os
import resource
import sys
import time
import traceback
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from fuzzing.samples import study_key, tiny_module
from vid2vid import video
from vid2vid.cli.assemble import read_config
from vid2vid.cli.composition import check, conf_dir, register
from vid2vid.data.formats.palettes import read_palette
from vid2vid.data.manifest import Manifest
from vid2vid.errors import Vid2VidError
from vid2vid.flow.store import FlowStore
from vid2vid.keypoints.keypoint_formats import read_keypoints
from vid2vid.synthesis import Synthesizer
from vid2vid.synthesis.progress import Progress
from vid2vid.synthesis.styles import StyleBook
from vid2vid.tools.user_study.study_key import StudyKey
from vid2vid.tools.user_study.study_results import StudyResults
from vid2vid.tools.user_study.votes import read_votes
from vid2vid.training import load
from vid2vid.training.checkpoints.partial import load_fitting_weights
from vid2vid.video.file_cache import cached_answer
from vid2vid.video.id_maps import read_ids, read_labels
from vid2vid.video.images import ImageFolder, image_size, read_image

ADDRESSES = 12 * 2**30
"""Bytes of addresses that the process may have; torch's libraries alone take some."""


def _ends(path: Path) -> None:
    reader = video.open_frames(video.exact_path(path, path.parent / "cache"))
    reader.read([0, len(reader) - 1])


def _drained(path: Path) -> None:
    for _ in video.stream_frames(path):
        pass


def _labels(path: Path) -> None:
    for _ in video.stream_labels(path):
        pass


def _ids(path: Path) -> None:
    reader = video.open_ids(video.exact_path(path, path.parent / "cache"))
    reader.read([0, len(reader) - 1])


def _directly(path: Path) -> None:
    reader = video.open_frames(path)
    reader.read([0, len(reader) - 1])


def _image_folder(path: Path) -> None:
    ImageFolder(path.parent, read_image).read([0])


def _keypoints(path: Path) -> None:
    read_keypoints(path if path.suffix == ".npz" else path.parent)


def _book(path: Path) -> None:
    book = StyleBook.load(path)
    book.random(0)
    for label in book.labels:
        if int(book.objects[book.labels.index(label)]):
            book.centre(label, 0)


@cache
def _module() -> Any:  # noqa: ANN401 - a Vid2VidModule
    return tiny_module().eval()


def _state(path: Path) -> None:
    progress = Progress.read(path.parent, {"width": "8"})
    Synthesizer(_module(), None).load_state(progress.tensors)


def _overrides(path: Path) -> None:
    register()
    # no shell passes zeros, and arguments are text
    text = path.read_bytes().decode("utf-8", "surrogateescape").replace("\0", "")
    check(conf_dir(), "train", text.splitlines())


def _votes(path: Path) -> None:
    results = StudyResults(study_key(), read_votes([path], study_key()))
    results.json()
    results.markdown()


def _inspection(path: Path) -> None:
    cached_answer(path, path, {}, lambda: video.inspect(path), lambda known: video.Inspection(**known))


def _partial(path: Path) -> None:
    load_fitting_weights(tiny_module(), path)


def _raise(_: Path) -> None:
    raise LookupError("on purpose")


READERS: dict[str, tuple[Callable[[Path], Any], ...]] = {
    "video": (video.inspect, _ends, _drained, _labels, _ids, video.Header.read, video.has_sound, _directly),
    "image": (image_size, read_image, _image_folder, read_labels, read_ids, video.inspect),
    "keypoints": (_keypoints,),
    "manifest": (Manifest.load,),
    "palette": (lambda path: read_palette(str(path)),),
    "votes": (_votes,),
    "key": (StudyKey.load,),
    "styles": (_book,),
    "state": (_state,),
    "checkpoint": (load, _partial),
    "config": (read_config,),
    "overrides": (_overrides,),
    "inspection": (_inspection,),
    "flow": (lambda path: FlowStore(path.parent)._load(1, "flow", 0, 3),),
    # of the harness itself, for its tests
    "crash": (lambda _: os.abort(),),
    "hang": (lambda _: time.sleep(1000),),
    "traceback": (_raise,),
    "memory": (lambda _: len(b"x" * (2**31 + 2**28)),),
}
"""What reads the files of a kind; each of them is called with the path."""


def outcome(kind: str, path: Path) -> dict[str, Any]:
    """Read a file with all readers of its kind.

    Returns:
        ``faults``: tracebacks of errors that are not ours; ``refused``: the last message of ours, or empty;
        ``seconds`` and ``bytes``: how long it took, and by how much the memory of the process grew meanwhile.
    """
    faults, refused, before, start = [], "", _peak(reset=True), time.perf_counter()
    for reader in READERS[kind]:
        try:
            reader(path)
        except Vid2VidError as error:
            refused = str(error)
        except BaseException:
            faults.append(traceback.format_exc(limit=-4))
    return {
        "faults": faults,
        "refused": refused,
        "seconds": time.perf_counter() - start,
        "bytes": max(0, _peak() - before),
    }


def _peak(reset: bool = False) -> int:
    """Return the largest resident memory in bytes since the last reset, or the memory of now."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024


def main() -> None:
    """Answer requests until there are no more."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answers = os.fdopen(os.dup(1), "w")
    # libraries write to both; what was said before a crash helps
    os.dup2(2, 1)
    for line in sys.stdin:
        kind, path = json.loads(line)
        answers.write(json.dumps(outcome(kind, Path(path))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
