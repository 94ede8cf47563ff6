"""Uploads: pictures as one video, planes, and what goes wrong with them."""

import io
import shlex
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from starlette.testclient import TestClient

from vid2vid.condition import Condition, Plane
from vid2vid.config.studio import StudioConfig
from vid2vid.studio.server import Studio
from vid2vid.studio.timeline import StudioModel
from vid2vid.studio.uploads import upload_parts
from vid2vid.training import Vid2VidModule
from vid2vid.video import write_labels

GENERATOR = {"base_channels": 4, "downsamples": 1, "blocks": 2}


@pytest.fixture(scope="module")
def deep() -> StudioModel:
    """A model of labels and depth."""
    return StudioModel("deep", Vid2VidModule(Condition(label_ids=[0, 7], planes=[Plane("depth")]), GENERATOR))


@pytest.fixture
def client(deep: StudioModel) -> Iterator[tuple[TestClient, str]]:
    config = StudioConfig(Path("deep"), frames=4, precision="32", upload_mb=0.01)
    with TestClient(Studio([deep], config).app, "http://127.0.0.1") as client:
        yield client, f"/s/{client.post('/session').json()['session']}"


def upload(client: TestClient, place: str, part: str, name: str, content: bytes, number: int = 0) -> str:
    answer = client.post(f"{place}/upload/{part}?name={name}&number={number}", content=content)
    return "" if answer.status_code == 204 else str(answer.json()["error"])


def png(value: int) -> bytes:
    return cv2.imencode(".png", np.full((16, 32), value, np.uint8))[1].tobytes()


def array(value: float) -> bytes:
    file = io.BytesIO()
    np.savez(file, np.full((16, 32), value, np.float32))
    return file.getvalue()


def test_pictures_and_planes_are_one_video(client: tuple[TestClient, str], tmp_path: Path) -> None:
    asking, place = client
    parts = {part["name"]: part["needed"] for part in asking.get(f"{place}/facts").json()["parts"]}
    assert parts == {"source": True, "plane-depth": True, "first": False}
    for number in range(3):
        assert upload(asking, place, "source", f"frame {number}.png", png(7 * (number % 2)), number) == ""
    error = asking.post(f"{place}/open", json={"parts": ["source"]}).json()["error"]
    assert error == "This model needs more than the conditions: choose files for Depth."
    for number in range(3):
        assert upload(asking, place, "plane-depth", "d.npz", array(number / 4), number) == ""
    assert asking.post(f"{place}/open", json={"parts": ["source", "plane-depth"]}).status_code == 204
    facts = asking.get(f"{place}/facts").json()
    assert (facts["frames"], facts["planes"]) == (3, ["depth"])
    np.testing.assert_array_equal(np.frombuffer(asking.get(f"{place}/map/1").content, np.uint8), np.ones(16 * 32))
    # what is painted changes the map, the planes stay, and are taken away with it
    painted = np.zeros((16, 32), np.uint8)
    painted[:, :16] = 1
    layer = (0 * painted).tobytes() + painted.tobytes() + bytes(4 * painted.size)
    before = asking.get(f"{place}/frame/1/0").content
    assert asking.post(f"{place}/paint/1", content=layer).content != before
    (tmp_path / "maps.zip").write_bytes(asking.get(f"{place}/take/maps.zip").content)
    with zipfile.ZipFile(tmp_path / "maps.zip") as archive:
        with np.load(io.BytesIO(archive.read("depth/000002.npz"))) as arrays:
            assert np.unique(arrays["arr_0"]).tolist() == [0.5]
        command = shlex.split(archive.read("command.txt").decode())
    assert {"source=labels.mkv", "planes={depth:depth}"} <= set(command)


def test_what_does_not_go_together_is_refused(client: tuple[TestClient, str], tmp_path: Path) -> None:
    asking, place = client
    write_labels(tmp_path / "a.mkv", np.zeros((2, 16, 32), np.uint8), 10)
    video = (tmp_path / "a.mkv").read_bytes()
    assert upload(asking, place, "source", "a.png", png(0)) == ""
    assert "Conditions: give one video, or files of one kind" in upload(asking, place, "source", "a.mkv", video, 1)
    assert upload(asking, place, "plane-depth", "a.npz", array(0)) == ""
    assert "Depth: give one video, or files of one kind" in upload(asking, place, "plane-depth", "b.png", png(0), 1)
    assert "A video has at most 4 frames here." in upload(asking, place, "source", "e.png", png(0), 4)
    # all files of a part together have a size
    assert "Conditions: larger than 0.01 MB" in upload(asking, place, "source", "b.png", bytes(9990), 1)
    # also if they come side by side
    with ThreadPoolExecutor(3) as pool:
        sent = [pool.submit(upload, asking, place, "plane-depth", "c.npz", bytes(4000), n) for n in (1, 2, 3)]
    assert sum("Depth: larger than 0.01 MB" in one.result() for one in sent) == 2
    # the first file of a part begins anew
    assert upload(asking, place, "source", "a.mkv", video) == ""


def test_each_model_is_asked_for_what_it_needs(deep: StudioModel) -> None:
    module = Vid2VidModule(Condition("face", background_edges=True), GENERATOR)
    source, background, _ = upload_parts(StudioModel("face", module))
    assert {".npz", ".json"} <= {*source.frames, *source.whole}
    assert (background.name, background.title, background.needed) == ("background", "Background", True)
    assert ".npz" in upload_parts(deep)[1].frames
