"""Whole files of every kind that users hand to the library, small, and the same at each call."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import torch
from numpy.typing import NDArray
from omegaconf import OmegaConf
from PIL import Image

from vid2vid import Condition, Vid2VidModule
from vid2vid.cli.assemble import save_config
from vid2vid.cli.composition import check, conf_dir, register
from vid2vid.config.commands import Train
from vid2vid.data.manifest import Manifest, VideoSequence
from vid2vid.keypoints.keypoint_layout import FACE_POINTS
from vid2vid.keypoints.keypoint_sequence import Keypoints
from vid2vid.synthesis.progress import Progress
from vid2vid.synthesis.stream_state import StreamState
from vid2vid.synthesis.styles import StyleBook
from vid2vid.tools.user_study.study_key import Match, StudyKey
from vid2vid.training.checkpoints.serialization import save
from vid2vid.types import ConditionWindow

FRAMES, HEIGHT, WIDTH = 8, 48, 64
_VIDEOS = {
    "h264.mp4": ("libx264", "yuv420p"),
    "h264.ts": ("libx264", "yuv420p"),
    "mpeg4.avi": ("mpeg4", "yuv420p"),
    "mjpeg.mov": ("mjpeg", "yuvj420p"),
    "ffv1.mkv": ("ffv1", "bgr0"),
    "vp9.webm": ("libvpx-vp9", "yuv420p"),
}
_IMAGES = {"rgb.png": "RGB", "ids.png": "I;16", "palette.png": "P", "a.jpg": "RGB", "a.bmp": "RGB", "a.webp": "RGB"}
_IMAGES |= {"a.tif": "RGB", "a.ppm": "RGB", "a.pgm": "L"}
OVERRIDES = ("experiment=street", "data.height=64", "data.crop=[0,0,64,128]", "seed=3", "trainer.max_epochs=5")


@dataclass(frozen=True)
class Sample:
    """A file that can be read.

    Attributes:
        kind: The reader, a key of `fuzzing.reading.READERS`.
        name: Its name.
        data: Its content.
    """

    kind: str
    name: str
    data: bytes


def tiny_module() -> Vid2VidModule:
    """Make a video model with 4 channels."""
    torch.manual_seed(0)
    condition = Condition(label_ids=[3, 7], label_names=["ground", "square"])
    discriminator = {"base_channels": 4, "layers": 1, "scales": 1}
    return Vid2VidModule(
        condition,
        generator={"base_channels": 4, "blocks": 2, "downsamples": 1},
        discriminators={"image": discriminator, "video": discriminator, "temporal_strides": [1]},
        objective={"perceptual_weight": 0.0},
    )


def make_samples(folder: Path) -> list[Sample]:
    """Make a file of each kind.

    Args:
        folder: A folder for what can be written to files only.
    """
    folder.mkdir(parents=True, exist_ok=True)
    samples = [Sample("video", name, _video(folder / name, *how)) for name, how in _VIDEOS.items()]
    samples += [Sample("image", name, _image(name, mode)) for name, mode in _IMAGES.items()]
    for kind, name, write in _WRITERS:
        path = folder / name
        write(path)
        samples.append(Sample(kind, name, path.read_bytes()))
    return samples + [Sample("keypoints", name, text.encode()) for name, text in _keypoint_texts().items()]


def _pictures() -> NDArray[np.uint8]:
    wide = np.random.default_rng(0).integers(0, 256, (HEIGHT // 8, WIDTH // 4, 3), dtype=np.uint8)
    wide = wide.repeat(8, axis=0).repeat(8, axis=1)
    return np.stack([wide[:, 4 * i : 4 * i + WIDTH] for i in range(FRAMES)])


def _video(path: Path, codec: str, pixels: str) -> bytes:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=Fraction(25))
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, pixels
        for picture in _pictures():
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return path.read_bytes()


def _image(name: str, mode: str) -> bytes:
    picture = Image.fromarray(_pictures()[0])
    if mode == "I;16":
        picture = Image.fromarray(np.arange(HEIGHT * WIDTH, dtype=np.uint16).reshape(HEIGHT, WIDTH))
    memory = io.BytesIO()
    # the ending stands for the format
    memory.name = name
    (picture if mode == "I;16" else picture.convert(mode)).save(memory)
    return memory.getvalue()


def _keypoint_texts() -> dict[str, str]:
    face = [[float(i), float(2 * i)] for i in range(FACE_POINTS)]
    person = {"pose_keypoints_2d": [1.0, 2.0, 0.5] * 25, "face_keypoints_2d": [3.0, 4.0, 0.9] * 70}
    return {
        "list.json": json.dumps(face),
        "openpose.json": json.dumps({"version": 1.3, "people": [person]}),
        "lines.txt": "\n".join(f"{x},{y}" for x, y in face),
    }


def _keypoints(path: Path) -> None:
    Keypoints(np.ones((3, 1, FACE_POINTS, 3), np.float32), (HEIGHT, WIDTH), 25.0).save(path)


def _manifest(path: Path) -> None:
    sequence = VideoSequence("a", "train", path.parent / "real.mkv", path.parent / "labels.mkv", 20)
    Manifest(Condition(label_ids=[3, 7]), [sequence]).save(path)


def _palette(path: Path) -> None:
    if path.suffix == ".json":
        rows = [{"id": i, "name": f"class {i}", "r": i, "g": 2 * i, "b": 200} for i in range(5)]
        path.write_text(json.dumps(rows), encoding="utf-8")
    else:
        path.write_text("id,name,r,g,b\n" + "".join(f"{i},class {i},{i},{2 * i},200\n" for i in range(5)), "utf-8")


def study_key() -> StudyKey:
    """Return the key of the study that the votes are of."""
    return StudyKey("Which is better?", ["a", "b"], {"1": Match("scene", {"x.mp4": "a", "y.mp4": "b"})})


def _votes(path: Path) -> None:
    path.write_text("pair,left,right,choice,seconds,viewer\n1,x.mp4,y.mp4,left,2.5,me\n", "utf-8")


def _styles(path: Path) -> None:
    one = torch.ones
    sizes = one(2, 1, dtype=torch.int64)
    parts = (one(2, 3), one(2, dtype=torch.int64), one(2, 1, 3), sizes, one(2, 2) / 2, one(2, 2, 3), one(2, 2, 3, 3))
    StyleBook(*parts, ["ground", "square"], "weights 0123456789abcdef").save(path)


def _progress(path: Path) -> None:
    window = ConditionWindow(torch.zeros(1, 3, 1, 8, 8, dtype=torch.uint8))
    state = StreamState(made=5, window=window, past=[torch.zeros(1, 2, 3, 8, 8)])
    Progress(5, {"width": "8"}, {f"0.{name}": tensor for name, tensor in state.tensors().items()}).write(path.parent)


def _config(path: Path) -> None:
    register()
    settings = OmegaConf.to_object(check(conf_dir(), "train", ["experiment=street", f"run_dir={path.parent}"]))
    assert isinstance(settings, Train)
    save_config(settings)


def _overrides(path: Path) -> None:
    path.write_text("\n".join(OVERRIDES), "utf-8")


def _record(path: Path) -> None:
    inspection = {"frames": 8, "height": 48, "width": 64, "fps": 25.0, "exact": True, "reason": ""}
    path.write_text(json.dumps({"path": "a", "answer": inspection}), "utf-8")


def _flow(path: Path) -> None:
    np.save(path, np.zeros((3, 2, 8, 8), np.float16))


def _checkpoint(path: Path) -> None:
    save(tiny_module(), path)


_WRITERS: list[tuple[str, str, Callable[[Path], None]]] = [
    ("keypoints", "keypoints.npz", _keypoints),
    ("manifest", "manifest.json", _manifest),
    ("palette", "palette.csv", _palette),
    ("palette", "palette.json", _palette),
    ("votes", "votes.csv", _votes),
    ("key", "key.json", lambda path: study_key().save(path)),
    ("styles", "styles.safetensors", _styles),
    ("state", "state.safetensors", _progress),
    ("checkpoint", "last.ckpt", _checkpoint),
    ("config", "config.yaml", _config),
    ("overrides", "overrides.txt", _overrides),
    ("inspection", "inspection.json", _record),
    ("flow", "1.flow.npy", _flow),
]
