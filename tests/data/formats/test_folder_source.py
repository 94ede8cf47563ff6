"""Data sets of each format: their sequences, splits and conditions, and the clips read from them."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from vid2vid import Condition, Vid2VidDataModule
from vid2vid.condition import PLANES
from vid2vid.config import FolderConfig, SynthesisConfig
from vid2vid.data.formats import FolderSource
from vid2vid.data.manifest import VideoSequence
from vid2vid.errors import ConfigError, DataError
from vid2vid.keypoints.face_sketch import draw_face
from vid2vid.keypoints.keypoint_formats import read_keypoints
from vid2vid.synthesis.inputs import InputSource
from vid2vid.video import VideoWriter, open_frames, stream_frames, write_ids, write_labels, write_video

Save = Callable[..., Path]
Labels = Callable[..., NDArray[np.uint8]]


def by_name(data: Vid2VidDataModule) -> dict[str, VideoSequence]:
    return {sequence.name: sequence for sequence in data.prepare_manifest().sequences}


def first_clip(data: Vid2VidDataModule) -> Any:  # noqa: ANN401 - a clip
    """The beginning of the first held-out sequence, whose sampler draws nothing."""
    data.setup("fit")
    return next(iter(data.val_dataloader()))


def test_paired_videos_and_folders(
    root: Path, save_images: Save, labels: Labels, loader: dict[str, Any], cache: Path
) -> None:
    maps = labels((3, 7, 200))
    frames = np.stack(list(stream_frames(save_images(root / "target" / "a"))))
    write_labels(root / "source" / "a.mkv", maps, fps=12)
    save_images(root / "source" / "b", images=maps)
    write_video(root / "target" / "b.mp4", frames, fps=12)
    for name in ("a", "b"):
        write_ids(root / "instance" / f"{name}.mkv", maps.astype(np.int64) * 1000, fps=12)
        save_images(root / "foreground" / name, images=np.where(maps == 7, 255, 0).astype(np.uint8))
    data = Vid2VidDataModule.folder(root, loader)
    assert data.condition == Condition("labels", [3, 7, 200])
    train, val = data.prepare_manifest().sequences
    assert (train.name, train.split, train.frames, train.start) == ("a", "train", 6, 0)
    assert (val.name, val.split, val.target) == ("b", "val", root / "target" / "b.mp4")
    assert (val.instance, val.foreground) == (root / "instance" / "b.mkv", root / "foreground" / "b")
    data.setup("fit")
    clip = next(iter(data.train_dataloader()))
    start = int(clip.names[0].split(":")[1])
    part = slice(start, start + 3)
    np.testing.assert_array_equal(np.array([3, 7, 200])[clip.source[0, :, 0]], maps[part])
    np.testing.assert_array_equal(clip.real[0].permute(0, 2, 3, 1), frames[part])
    np.testing.assert_array_equal(clip.instance[0, :, 0], maps[part].astype(int) * 1000)
    np.testing.assert_array_equal(clip.foreground[0, :, 0], np.where(maps[part] == 7, 255, 0))
    # each video was looked at once
    assert {path.name.split("-")[0] for path in cache.glob("*.json")} == {"a", "b"}


def test_paired_sets_are_the_splits(root: Path, save_images: Save, labels: Labels, loader: dict[str, Any]) -> None:
    for split in ("train", "val", "test"):
        save_images(root / split / "source" / "x", images=labels())
        save_images(root / split / "target" / "x")
    data = Vid2VidDataModule.folder(root, loader)
    assert {name: sequence.split for name, sequence in by_name(data).items()} == {"train-x": "train", "val-x": "val"}
    assert by_name(data)["val-x"].source == root / "val" / "source" / "x"


def test_pix2pix_with_instances(root: Path, save_images: Save, labels: Labels, loader: dict[str, Any]) -> None:
    for split in ("train", "test"):
        for name in ("s1", "s2"):
            save_images(root / f"{split}_A" / name, images=labels())
            save_images(root / f"{split}_B" / name, name="{:06d}.jpg")
            write_ids(root / f"{split}_inst" / f"{name}.mkv", labels().astype(np.int64) * 1000 + 1, fps=25)
    data = Vid2VidDataModule.folder(root, {**loader, "instance_edges": True}, fps=10)
    assert data.condition == Condition("labels", [7, 24], instance_edges=True)
    wanted = {"train-s1": "train", "train-s2": "train", "val-s1": "val", "val-s2": "val"}
    assert {name: sequence.split for name, sequence in by_name(data).items()} == wanted
    assert data.prepare_manifest().fps == 10
    clip = first_clip(data)
    np.testing.assert_array_equal(clip.instance[0, :, 0], labels()[:3].astype(int) * 1000 + 1)


def test_pix2pix_of_images(root: Path, save_images: Save, loader: dict[str, Any]) -> None:
    for name in ("s1", "s2", "s10"):
        save_images(root / "train_A" / name, name="{}.jpg")
        save_images(root / "train_B" / name, name="{}.png")
    data = Vid2VidDataModule.folder(root, loader)
    assert data.condition == Condition("image")
    # in natural order the last one is held out
    assert [(s.name, s.split) for s in data.prepare_manifest().sequences] == [
        ("s1", "train"),
        ("s2", "train"),
        ("s10", "val"),
    ]
    clip = first_clip(data)
    wanted = open_frames(root / "train_A" / "s10").read(range(3))
    np.testing.assert_array_equal(clip.source[0].permute(0, 2, 3, 1), wanted)


def test_faces(root: Path, save_images: Save, save_faces: Save, loader: dict[str, Any]) -> None:
    for split in ("train", "test"):
        save_images(root / f"{split}_img" / "0001", name="{:06d}.jpg")
        save_faces(root / f"{split}_keypoints" / "0001")
    data = Vid2VidDataModule.folder(root, loader, distance_maps=True)
    assert data.condition == Condition("face", distance_maps=True)
    clip = first_clip(data)
    assert clip.source.shape[2] == data.condition.source_channels == 9
    points = read_keypoints(root / "test_keypoints" / "0001").points
    np.testing.assert_array_equal(clip.source[0, 2, 0], draw_face(points[2], (32, 48)))


@pytest.mark.parametrize("densepose", [True, False])
def test_poses(densepose: bool, root: Path, save_images: Save, save_people: Save, loader: dict[str, Any]) -> None:
    for split in ("train", "test"):
        save_images(root / f"{split}_img" / "d", name="f{:06d}.jpg")
        save_people(root / f"{split}_openpose" / "d", name="f{:06d}_keypoints.json")
        save_images(root / f"{split}_densepose" / "d", name="f{:06d}_IUV.png")
    data = Vid2VidDataModule.folder(root, loader, limb_maps=True, densepose=densepose)
    assert data.condition == Condition("pose", limb_maps=True, densepose=densepose)
    clip = first_clip(data)
    assert clip.source.shape[2] == data.condition.source_channels == 27 + 3 * densepose
    assert clip.source[0, :, :27].any()
    if densepose:
        # part, u and v are blue, green and red
        maps = open_frames(root / "test_densepose" / "d").read(range(3))
        np.testing.assert_array_equal(clip.source[0, :, 28:30].permute(0, 2, 3, 1), maps[..., [1, 0]])


def test_tasks_and_the_choice_between_their_conditions(
    root: Path, save_images: Save, save_faces: Save, save_people: Save, labels: Labels, loader: dict[str, Any]
) -> None:
    for name in ("a", "b"):
        save_images(root / "images" / name)
        save_images(root / "seg_maps" / name, images=labels())
        save_faces(root / "landmarks-dlib68" / name, name="{:06d}.json")
        save_people(root / "poses-openpose" / name)
    wanted = ("labels", "face", "pose", "edges")
    kinds = {kind: Vid2VidDataModule.folder(root, loader, condition=kind) for kind in wanted}
    assert tuple(data.condition.kind for data in kinds.values()) == wanted
    assert Vid2VidDataModule.folder(root, loader).condition.kind == "labels"
    edges = first_clip(kinds["edges"])
    frames = open_frames(root / "images" / "b").read(range(3))
    np.testing.assert_array_equal(edges.real[0].permute(0, 2, 3, 1), frames)
    lines = [cv2.Canny(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), 60, 150) for frame in frames]
    np.testing.assert_array_equal(edges.source[0, :, 0], np.stack(lines))
    with pytest.raises(DataError, match="the format 'tasks' has no conditions of the kind 'grey'"):
        Vid2VidDataModule.folder(root, loader, condition="grey").prepare_data()


def test_keypoints_beside_videos(root: Path, save_images: Save, save_faces: Save, loader: dict[str, Any]) -> None:
    for name in ("a", "b"):
        frames = stream_frames(save_images(root / "frames" / name))
        write_video(root / "target" / f"{name}.mp4", frames, fps=25)
        (root / "source").mkdir(exist_ok=True)
        read_keypoints(save_faces(root / "texts" / name)).save(root / "source" / f"{name}.npz")
    data = Vid2VidDataModule.folder(root, loader)
    assert data.condition == Condition("face")
    assert first_clip(data).source.any()
    with pytest.raises(ConfigError, match=r"a\.npz: holds keypoints of the kind 'face', but data\.condition='pose'"):
        Vid2VidDataModule.folder(root, loader, condition="pose").prepare_data()


def test_pictures_are_no_keypoints(root: Path, save_images: Save, loader: dict[str, Any]) -> None:
    save_images(root / "source" / "a")
    save_images(root / "target" / "a")
    with pytest.raises(ConfigError, match=r"source/a: holds pictures, but data\.condition='face' needs keypoints"):
        Vid2VidDataModule.folder(root, loader, condition="face").prepare_data()


def test_a_video_that_decord_misreads_is_read_from_a_copy(
    root: Path, save_images: Save, labels: Labels, loader: dict[str, Any], cache: Path
) -> None:
    frames = list(stream_frames(save_images(root / "frames")))
    (root / "target").mkdir()
    with av.open(str(root / "target" / "a.avi"), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"g": "3"})
        stream.width, stream.height, stream.pix_fmt = 48, 32, "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode(None))
    save_images(root / "source" / "a", images=labels())
    data = Vid2VidDataModule.folder(root, loader)
    assert {sequence.target.parent for sequence in data.prepare_manifest().sequences} == {cache}
    truth = list(stream_frames(root / "target" / "a.avi"))
    for back in range(5, -1, -1):
        np.testing.assert_array_equal(
            open_frames(data.prepare_manifest().sequences[0].target).read([back])[0], truth[back]
        )


def test_what_is_lost_of_a_video_is_told(root: Path, save_images: Save, labels: Labels) -> None:
    save_images(root / "source" / "a", images=labels())
    (root / "target").mkdir()
    frames = list(stream_frames(save_images(root / "frames")))
    times = np.arange(len(frames)) / 10 + (np.arange(len(frames)) > 2)
    with VideoWriter(root / "target" / "a.mp4", 10, times=times) as writer:
        for frame in frames:
            writer.write(frame)
    source = FolderSource(FolderConfig(str(root)))
    source.prepare()
    told = [warning.message for warning in source.warnings if warning.path == root / "target" / "a.mp4"]
    assert len(told) == 1
    assert told[0].startswith("has a variable frame rate")


def test_what_is_broken_can_be_left_out(root: Path, save_images: Save, labels: Labels) -> None:
    for name in ("a", "b"):
        save_images(root / "images" / name)
        save_images(root / "seg_maps" / name, images=labels())
    shutil.copytree(root / "images" / "a", root / "images" / "c")
    source = FolderSource(FolderConfig(str(root), on_broken="skip"))
    assert [s.name for s in source.prepare().sequences] == ["a", "b"]
    (warning,) = source.warnings
    assert (warning.path, warning.left_out) == (root / "images" / "c", True)
    assert warning.message.startswith("its partner is missing")
    shutil.rmtree(root / "seg_maps" / "a")
    shutil.rmtree(root / "seg_maps" / "b")
    shutil.copytree(root / "images" / "a", root / "seg_maps" / "z")
    with pytest.raises(DataError, match="none of its 4 sequences can be used"):
        FolderSource(FolderConfig(str(root), on_broken="skip")).prepare()


def test_a_recording_of_carla(root: Path, loader: dict[str, Any], cache: Path) -> None:
    """The class is in red, the object in green and blue, depth in 24 bits over 1000 m; all have an alpha channel.

    Optical flow is in parts of the picture, normals are colours.
    """
    tags = np.zeros((4, 16, 24), np.uint8)
    tags[:, 8:] = 1
    tags[:, 4:12, 4:16] = 14
    numbers = np.where(tags == 14, 4764, 0)
    octets = np.stack([tags, numbers & 255, numbers >> 8], -1).astype(np.uint8)
    metres = np.linspace(0, 1000, 16 * 24).reshape(16, 24)[None].repeat(4, 0)
    steps = np.rint(metres / 1000 * (2**24 - 1)).astype(np.int64)
    coded = np.stack([steps & 255, steps >> 8 & 255, steps >> 16], -1).astype(np.uint8)
    for name in ("a", "b"):
        (root / "optical_flow" / name).mkdir(parents=True)
        for t in range(4):
            np.savez(root / "optical_flow" / name / f"{t:06d}.npz", np.full((16, 24, 2), 0.25, np.float32))
        parts = {"rgb": octets * 3, "instance_segmentation": octets, "depth": coded, "normals": octets}
        for folder, pictures in parts.items():
            (root / folder / name).mkdir(parents=True)
            for t, picture in enumerate(pictures):
                alpha = np.full((*picture.shape[:2], 1), 255, np.uint8)
                bgra = np.concatenate([picture[..., ::-1], alpha], axis=-1)
                cv2.imwrite(str(root / folder / name / f"{t:06d}.png"), bgra)
    motion = {"name": "motion", "folder": "optical_flow", "factor": [-24, -16]}
    planes = {**loader, "instance_edges": True, "planes": ["depth", "normals", motion]}
    data = Vid2VidDataModule.folder(root, planes)
    condition = data.condition
    assert (condition.label_ids, condition.class_in_red, condition.channels) == ([0, 1, 14], True, 10)
    assert condition.planes[0] == replace(PLANES["depth"], low=0.0, step=0.0)
    clip = first_clip(data)
    np.testing.assert_array_equal(clip.source[0, 0, 0], np.searchsorted([0, 1, 14], tags[0]))
    np.testing.assert_array_equal(clip.instance[0, 0, 0], numbers[0])
    np.testing.assert_allclose(clip.planes[0, 0, 0], metres[0], atol=1e-3)
    np.testing.assert_allclose(clip.planes[0, 0, 1:4], octets[0].transpose(2, 0, 1) / 127.5 - 1, atol=1e-5)
    assert clip.planes[0, 0, 4:, 3, 5].tolist() == [-6, -4]
    folders = {"depth": "depth", "normals": "normals", "motion": "optical_flow"}
    paths: dict[str, Any] = {
        "source": root / "instance_segmentation" / "a",
        "planes": {name: root / folder / "a" for name, folder in folders.items()},
    }
    one = next(iter(InputSource(SynthesisConfig(output="out", **paths), condition)))
    assert one.instance is not None
    assert one.planes is not None
    torch.testing.assert_close(one.source[0], clip.source[0, 0])
    torch.testing.assert_close(one.instance[0], clip.instance[0, 0])
    torch.testing.assert_close(one.planes[0], clip.planes[0, 0])
