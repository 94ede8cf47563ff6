"""Planes are read from each form of file in their units, and seen by F; what does not fit is refused by name."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from vid2vid import Condition, Synthesizer, Vid2VidDataModule, Vid2VidModule
from vid2vid.condition import PLANES, Plane, planes_of
from vid2vid.config import SynthesisConfig
from vid2vid.data.conditions import encode, encode_compactly
from vid2vid.data.crop_resize import CropResize
from vid2vid.data.planes import PlaneFrames, encode_planes, framed_planes, leave_out_planes
from vid2vid.errors import ConfigError, DataError
from vid2vid.flow.store import FlowStore
from vid2vid.ops import dense
from vid2vid.synthesis import synthesize
from vid2vid.training import load
from vid2vid.training.checkpoints.serialization import save
from vid2vid.types import Clip
from vid2vid.video import stream_frames, write_colours, write_frames, write_ids, write_labels, write_video

DEPTH, NORMALS, MOTION = PLANES["depth"], PLANES["normals"], PLANES["motion"]
FRAMES, HEIGHT, WIDTH = 6, 16, 24
PARTS = {"planes": ["depth", "normals"]}


def metres() -> NDArray[np.float32]:
    """Depth ``(T, H, W)`` in whole millimetres, all of them different in a frame."""
    ramp = np.arange(HEIGHT * WIDTH, dtype=np.float32).reshape(HEIGHT, WIDTH)
    return np.stack([2 + ramp * 0.05 + t for t in range(FRAMES)]).round(3)


def directions() -> NDArray[np.uint8]:
    """Normals ``(T, H, W, 3)`` as bytes."""
    return np.random.default_rng(0).integers(0, 256, (FRAMES, HEIGHT, WIDTH, 3), np.uint8)


def save_arrays(folder: Path, arrays: NDArray[Any]) -> Path:
    folder.mkdir(parents=True)
    for t, array in enumerate(arrays):
        np.savez(folder / f"{t:03d}.npz", depth=array)
    return folder


def save_png(folder: Path, arrays: NDArray[Any]) -> Path:
    folder.mkdir(parents=True)
    for t, array in enumerate(arrays):
        cv2.imwrite(str(folder / f"{t:03d}.png"), array if array.ndim == 2 else array[..., ::-1])
    return folder


def test_depth_is_the_same_in_each_form(tmp_path: Path) -> None:
    depth, millimetres = metres(), np.rint(metres() * 1000).astype(np.int32)
    write_ids(tmp_path / "a.mkv", millimetres, 10)
    octets = np.stack([millimetres & 255, millimetres >> 8 & 255, millimetres >> 16], -1).astype(np.uint8)
    places = [
        tmp_path / "a.mkv",
        save_png(tmp_path / "png16", millimetres.astype(np.uint16)),
        save_png(tmp_path / "colours", octets),
        save_arrays(tmp_path / "floats", depth),
        save_arrays(tmp_path / "integers", millimetres.astype(np.uint16)),
    ]
    for path in places:
        frames = PlaneFrames(path, DEPTH)
        assert (len(frames), frames.height, frames.width) == (FRAMES, HEIGHT, WIDTH), path
        np.testing.assert_allclose(frames.read([4, 0])[:, 0], depth[[4, 0]], atol=1e-5, err_msg=str(path))


def test_integers_without_a_step_span_the_range(tmp_path: Path) -> None:
    found = directions()
    write_colours(tmp_path / "a.mkv", found, 10)
    wanted = found.transpose(0, 3, 1, 2) / 127.5 - 1
    fine = save_png(tmp_path / "fine", found.astype(np.uint16) * 257)
    for path in (tmp_path / "a.mkv", save_png(tmp_path / "png", found), fine):
        np.testing.assert_allclose(PlaneFrames(path, NORMALS).read(range(FRAMES)), wanted, atol=1e-6)
    write_labels(tmp_path / "rough.mkv", found[..., 0], 10)
    rough = PlaneFrames(tmp_path / "rough.mkv", PLANES["roughness"]).read([2])
    np.testing.assert_allclose(rough[0, 0], found[2, ..., 0] / 255, atol=1e-6)


@pytest.mark.parametrize(
    ("plane", "array", "message"),
    [
        (DEPTH, np.full((4, 4), 2000.0), r"002\.npz: frame 2 of the plane 'depth' has 2000 at row 0, column 0.*1000 m"),
        (DEPTH, np.zeros((4, 4)), r"'depth' has 0 at row 0, column 0, which is not in 0\.01\.\.1000 m"),
        (DEPTH, np.full((4, 4), np.nan), r"'depth' has nan at row 0"),
        (DEPTH, np.ones((5, 4)), r"002\.npz: frame 2 of the plane 'depth' is 5 x 4, but its first frame 4 x 4"),
        (DEPTH, np.ones((4, 4, 3)), r"frame 2 of the plane 'depth' has \(3,\) channels, but needs 1"),
        (DEPTH, np.ones((4, 4), np.int64), r"'depth' has int64 numbers; they must be floats"),
        (DEPTH, np.array([["a"]]), r"'depth' has <U1 numbers"),
    ],
)
def test_a_wrong_frame_is_named(plane: Plane, array: NDArray[Any], message: str, tmp_path: Path) -> None:
    save_arrays(tmp_path / "a", np.ones((3, 4, 4)))
    np.savez(tmp_path / "a" / "002.npz", array)
    with pytest.raises(DataError, match=message):
        PlaneFrames(tmp_path / "a", plane).read(range(3))


def test_files_that_are_no_arrays_are_refused(tmp_path: Path) -> None:
    folder = save_arrays(tmp_path / "a", np.ones((1, 4, 4)))
    for content in (b"", b"PK\x03\x04 cut off"):
        (folder / "000.npz").write_bytes(content)
        with pytest.raises(DataError, match=r"000\.npz: cannot be read as an array of one frame"):
            PlaneFrames(folder, DEPTH)
    np.savez(folder / "000.npz", a=np.ones(1), b=np.ones(1))
    with pytest.raises(DataError, match=r"000\.npz: must hold one array, but holds a, b"):
        PlaneFrames(folder, DEPTH)
    write_video(tmp_path / "lossy.mp4", directions(), 10)
    with pytest.raises(DataError, match=r"is not a lossless video of the 3 channels of the plane 'normals'"):
        PlaneFrames(tmp_path / "lossy.mp4", NORMALS)


def test_near_is_one_and_far_is_minus_one() -> None:
    depth = torch.tensor([0.01, 10.0, 1000.0, 5000.0]).view(1, 4, 1)
    normals = torch.tensor([-1.0, 0.5, 1.0]).view(3, 1, 1).expand(3, 4, 1)
    seen = encode_planes([DEPTH, NORMALS], torch.cat([depth, normals]))
    torch.testing.assert_close(seen[0, :, 0], torch.tensor([0.9980, 0.0, -0.9802, -0.9802]), rtol=0, atol=1e-4)
    torch.testing.assert_close(seen[1:], normals)
    wide = replace(DEPTH, half=100.0)
    assert encode_planes([wide], torch.full((1, 1, 1), 100.0)) == 0


def test_numbers_are_not_mixed_and_normals_are_mirrored() -> None:
    values = np.random.default_rng(0).random((2, 3, 8, 8), np.float32)
    small = framed_planes(values, NORMALS, CropResize(4, 4))
    assert np.isin(small, values).all()
    flipped = framed_planes(values, NORMALS, CropResize(4, 4, flip=True))[..., ::-1]
    np.testing.assert_array_equal(flipped * np.array([-1, 1, 1], np.float32)[:, None, None], small)


def test_motion_is_in_pixels_of_the_picture_that_it_moves(tmp_path: Path) -> None:
    """Of a store of reference flows, which begins with the second frame, halved in height and mirrored."""
    vectors = np.random.default_rng(0).normal(0, 4, (3, 2, 8, 8)).astype(np.float16).astype(np.float32)
    FlowStore(tmp_path / "flow").write(1, vectors, np.ones((3, 1, 8, 8), np.float32))
    frames = PlaneFrames(tmp_path / "flow", MOTION)
    assert (len(frames), frames.height, frames.width) == (4, 8, 8)
    read = frames.read([3, 0, 1])
    np.testing.assert_array_equal(read, np.stack([vectors[2], 0 * vectors[0], vectors[0]]))
    changed = framed_planes(read, MOTION, CropResize(4, 8, flip=True))[..., ::-1]
    np.testing.assert_allclose(changed, read[:, :, 1::2] * np.array([-1, 0.5], np.float32)[:, None, None])
    assert encode_planes([MOTION], torch.full((2, 1, 1), -40.0)).tolist() == [[[-2.5]], [[-2.5]]]
    with pytest.raises(DataError, match="there is no frame 4 of the plane 'motion'; it has 4"):
        frames.read([4])


@pytest.mark.parametrize("kind", ["labels", "image"])
def test_planes_are_the_last_channels_of_any_condition(kind: str) -> None:
    labels: Any = {"label_ids": [3, 7], "instance_edges": True} if kind == "labels" else {}
    condition = Condition(kind, **labels, planes=[DEPTH, NORMALS])
    source = torch.randint(2, (1, 2, condition.source_channels, 8, 8), dtype=torch.uint8)
    ids, planes = torch.randint(3, (1, 2, 1, 8, 8)), torch.rand(1, 2, 4, 8, 8)
    code = encode(condition, source, ids, planes)
    assert code.shape[2] == condition.channels
    torch.testing.assert_close(code[:, :, -4:], encode_planes(condition.planes, planes))
    torch.testing.assert_close(code[:, :, :-4], encode(replace(condition, planes=[]), source, ids))
    torch.testing.assert_close(dense(encode_compactly(condition, source, ids, planes)), code)
    with pytest.raises(ValueError, match="has the planes depth, normals with 4 channels in all, but none are given"):
        encode(condition, source, ids)
    with pytest.raises(ValueError, match="but 1 are given"):
        encode(condition, source, ids, planes[:, :, :1])


def test_an_optional_plane_may_be_unknown() -> None:
    optional = replace(NORMALS, optional=0.5)
    condition = Condition("image", planes=[replace(DEPTH, optional=0.5), optional])
    source, planes = torch.zeros(1, 2, 3, 8, 8, dtype=torch.uint8), torch.rand(1, 2, 4, 8, 8)
    planes[:, :, 1:] = torch.nan
    code = encode(condition, source, planes=planes)
    torch.testing.assert_close(code[:, :, 3], encode_planes([DEPTH], planes[:, :, :1])[:, :, 0])
    assert not code[:, :, 4:].any()
    assert not encode(condition, source)[:, :, 3:].any()
    assert (condition.needs_planes, replace(condition, planes=[DEPTH, optional]).needs_planes) == (False, True)
    with pytest.raises(ValueError, match="but none are given"):
        encode(replace(condition, planes=[DEPTH, optional]), source)


def test_training_leaves_optional_planes_out_of_some_videos() -> None:
    torch.manual_seed(0)
    shown = leave_out_planes([DEPTH, replace(NORMALS, optional=0.25)], torch.ones(400, 2, 4, 1, 1))
    assert shown[:, :, 0].eq(1).all()
    assert set(shown[:, :, 1:].isnan().flatten(1).float().mean(1).tolist()) == {0, 1}
    assert 0.2 < shown[:, :, 1:].isnan().float().mean() < 0.3


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A paired data set of one sequence with depth as npz and normals as PNG, and its label maps as a video."""
    folder = tmp_path_factory.mktemp("paired")
    write_frames(folder / "target" / "a", directions())
    write_labels(folder / "source" / "a.mkv", (directions()[..., 0] > 127).astype(np.uint8) * 7, 10)
    save_arrays(folder / "depth" / "a", metres())
    save_png(folder / "normals" / "a", directions())
    return folder


@pytest.fixture(scope="module")
def loaded(root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Condition, Clip]:
    """The condition and the only clip of the data set."""
    clips = {"clip_frames": FRAMES, "batch_size": 1, "num_workers": 0, "flow_strides": [1], "val_frames": FRAMES}
    cache = str(tmp_path_factory.mktemp("cache"))
    data = Vid2VidDataModule.folder(root, {**clips, **PARTS, "flow_cache": False}, cache=cache, label_ids=[0, 7])
    sequence = data.prepare_manifest().sequences[0]
    both = [replace(sequence, name=split, split=split, start=0, frames=FRAMES) for split in ("train", "val")]
    data = Vid2VidDataModule(replace(data.prepare_manifest(), sequences=both), {**clips, **PARTS, "flow_cache": False})
    data.setup("fit")
    return data.condition, next(iter(data.val_dataloader()))


@pytest.fixture(scope="module")
def module(small_module: Callable[..., Vid2VidModule], loaded: tuple[Condition, Clip]) -> Vid2VidModule:
    torch.manual_seed(0)
    return small_module(loaded[0], generator={"flow_scale": 1.0}).eval()


def test_a_clip_carries_the_planes_of_its_frames(loaded: tuple[Condition, Clip]) -> None:
    condition, clip = loaded
    assert [plane.name for plane in condition.planes] == ["depth", "normals"]
    assert clip.planes is not None
    np.testing.assert_allclose(clip.planes[0, :, 0], metres(), atol=1e-5)
    np.testing.assert_allclose(clip.planes[0, :, 1:], directions().transpose(0, 3, 1, 2) / 127.5 - 1, atol=1e-5)
    assert Clip.stack([clip, clip]).planes is not None


def test_a_table_says_where_the_planes_of_an_engine_are(root: Path, tmp_path: Path) -> None:
    """Depth in centimetres and wetness share the files of one G-buffer, and lie in its red and green."""
    for part in ("source", "target"):
        (tmp_path / part).symlink_to(root / part)
    buffers = np.stack(
        [(metres() * 10).astype(np.uint16), metres().astype(np.uint16), 0 * metres().astype(np.uint16)], -1
    )
    save_png(tmp_path / "gbuffer" / "a", buffers)
    table = [
        {"name": "depth", "folder": "gbuffer", "channel": "R", "step": 0.1},
        {"name": "wetness", "folder": "gbuffer", "channel": "G", "high": 65535},
    ]
    sequence, *_ = Vid2VidDataModule.folder(tmp_path, {"planes": table}, label_ids=[0, 7]).prepare_manifest().sequences
    assert set(sequence.planes) == {"depth", "wetness"}
    depth, wetness = (PlaneFrames(sequence.planes[plane.name], plane) for plane in planes_of(table))
    np.testing.assert_allclose(depth.read([3])[0, 0], np.floor(metres()[3] * 10) / 10, atol=1e-4)
    np.testing.assert_allclose(wetness.read([3])[0, 0], np.floor(metres()[3]), atol=1e-2)


def test_f_sees_each_plane_and_learns_from_it(module: Vid2VidModule, loaded: tuple[Condition, Clip]) -> None:
    clip = loaded[1]
    assert clip.planes is not None
    with torch.no_grad():
        frames = module(clip.source, planes=clip.planes).fake
        for channel in range(4):
            other = clip.planes.clone()
            other[:, :, channel] = other[:, :, channel].flip(-1)
            assert not torch.equal(module(clip.source, planes=other).fake, frames), channel
    planes = clip.planes.clone().requires_grad_()
    module(clip.source, planes=planes).fake.square().sum().backward()
    assert planes.grad is not None
    assert (planes.grad.abs().amax(dim=(0, 1, 3, 4)) > 0).all()
    stem = module.generator.frame.scales[0].get_submodule("condition_stem")
    weight = next(p for p in stem.parameters() if p.ndim == 4)
    channels = loaded[0].channels
    assert weight.grad is not None
    seen = weight.grad.view(len(weight), -1, channels, *weight.shape[2:])[:, -1, -4:]
    assert (seen.abs().amax(dim=(0, 2, 3)) > 0).all()


def test_a_checkpoint_streams_what_the_roll_out_makes(
    module: Vid2VidModule, loaded: tuple[Condition, Clip], tmp_path: Path
) -> None:
    clip = loaded[1]
    assert clip.planes is not None
    save(module, tmp_path / "a.ckpt")
    again = load(tmp_path / "a.ckpt", Vid2VidModule)
    assert again.condition == module.condition
    assert again.condition.planes == [DEPTH, NORMALS]
    with torch.no_grad():
        rollout = module(clip.source, planes=clip.planes).fake
    synthesizer = Synthesizer(again)
    for t in range(FRAMES):
        if t == 3:
            state = synthesizer.state()
            synthesizer = Synthesizer(again)
            synthesizer.load_state(state)
        frame = synthesizer.step(clip.source[:, t], planes=clip.planes[:, t])
        torch.testing.assert_close(frame.fake, rollout[:, t], rtol=0, atol=1e-5)
    with pytest.raises(ValueError, match=r"has the planes depth, normals .* but none are given"):
        synthesizer.step(clip.source[:, 0])
    with pytest.raises(ValueError, match=r"planes must be \(1, 4, 16, 24\), but are \(1, 4, 8, 24\)"):
        synthesizer.step(clip.source[:, 0], planes=clip.planes[:, 0, :, :8])


def test_a_synthesis_reads_planes_from_files(
    module: Vid2VidModule,
    loaded: tuple[Condition, Clip],
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clip, planes = loaded[1], {"depth": root / "depth" / "a", "normals": root / "normals" / "a"}
    config = SynthesisConfig(source=root / "source" / "a.mkv", output=tmp_path / "out", precision="32", planes=planes)
    # an edit changes labels, not planes
    assert synthesize(module, config, transforms=[lambda source, ids, _: (source, ids)]) == FRAMES
    with torch.no_grad():
        rollout = module(clip.source, planes=clip.planes).fake[0]
    made = np.stack(list(stream_frames(tmp_path / "out"))).astype(float)
    wanted = ((rollout + 1) * 127.5).round().clamp(0, 255).permute(0, 2, 3, 1).numpy()
    assert np.abs(made - wanted).max() <= 1
    for given, message in (
        ({"depth": planes["depth"]}, r"has the plane 'normals': give planes=\{normals:path\}"),
        (
            {**planes, "depth": save_arrays(tmp_path / "few", metres()[:4])},
            r"few: has 4 frames of the plane 'depth', fewer than the source",
        ),
        ({**planes, "depth": save_arrays(tmp_path / "many", metres()[[0] * 7])}, r"many: has 7 .*, but .*a\.mkv has 6"),
        ({**planes, "depth": save_arrays(tmp_path / "low", metres()[:, :8])}, r"low: its frames are 8 x 24"),
    ):
        with pytest.raises(DataError, match=message):
            synthesize(module, replace(config, output=tmp_path / "no", planes=given))
    # weights that can do without normals
    monkeypatch.setattr(module.condition, "planes", [DEPTH, replace(NORMALS, optional=0.5)])
    assert synthesize(module, replace(config, output=tmp_path / "without", planes={"depth": planes["depth"]})) == FRAMES
    without = np.stack(list(stream_frames(tmp_path / "without")))
    assert without.min() != without.max()
    assert not np.array_equal(without, made)
    with pytest.raises(ConfigError, match=r"'deph' is unknown\. Did you mean 'depth'"):
        synthesize(module, replace(config, output=tmp_path / "no", planes={**planes, "deph": root}))
