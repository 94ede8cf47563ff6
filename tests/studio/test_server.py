"""The server: what visitors may ask, what they may not, and what they learn of it."""

import asyncio
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from threading import Event

import numpy as np
import pytest
import torch
from starlette.testclient import TestClient

from vid2vid.condition import Condition
from vid2vid.config.studio import StudioConfig
from vid2vid.errors import ConfigError
from vid2vid.studio.server import Studio
from vid2vid.studio.serving import listening_socket
from vid2vid.studio.timeline import StudioModel, pixels_of
from vid2vid.synthesis.styles import StyleBook
from vid2vid.training import Vid2VidModule
from vid2vid.training.checkpoints.fingerprint import fingerprint
from vid2vid.video import write_ids, write_labels

PIXELS = 64 * 128


@pytest.fixture(scope="module")
def studio(street: StudioModel, config: StudioConfig) -> Studio:
    return Studio([street], replace(config, visitors=2, frames=6, upload_mb=0.05))


@pytest.fixture(scope="module")
def client(studio: Studio) -> Iterator[TestClient]:
    with TestClient(studio.app, "http://127.0.0.1") as client:
        yield client


@pytest.fixture
def place(client: TestClient) -> Iterator[str]:
    """The address of a session."""
    begun = client.post("/session").json()
    assert begun["error"] == ""
    yield f"/s/{begun['session']}"
    # the next one may have its place
    client.post(f"/s/{begun['session']}/leave")


def layer(value: int = 4, objects: int = 9) -> bytes:
    painted = np.zeros((64, 128), np.uint8)
    painted[10:30, 40:80] = 1
    values, ids = painted * np.uint8(value), painted.astype("<i4") * objects
    return values.tobytes() + painted.tobytes() + ids.tobytes()


def test_the_page_and_its_parts_are_served(client: TestClient) -> None:
    page = client.get("/")
    assert "<title>vid2vid studio</title>" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for name in sorted(path.name for path in (files("vid2vid.studio") / "page").iterdir() if path.name != "index.html"):
        assert client.get(f"/{name}").status_code == 200
        assert "//" not in client.get(f"/{name}").text.replace("// ", "").replace("http://www.w3.org/2000/svg", "")
    assert client.get("/server.py").status_code == 404


def test_maps_and_frames_are_given(client: TestClient, place: str) -> None:
    facts = client.get(f"{place}/facts").json()
    assert (facts["frames"], facts["height"], facts["width"], facts["given"]) == (6, 64, 128, 2)
    answer = client.get(f"{place}/map/3", headers={"Accept-Encoding": "identity"})
    assert len(answer.content) == 5 * PIXELS
    before = client.get(f"{place}/frame/3/0").content
    painted = client.post(f"{place}/paint/3?carry=place&first=3&last=4", content=layer())
    assert painted.status_code == 200
    difference = np.abs(pixels_of(painted.content).astype(int) - pixels_of(before)).mean(axis=2)
    assert difference[10:30, 40:80].mean() > 8 * difference[40:].mean()
    # the map of the frame is without its own layer, that of the next one has it
    assert client.get(f"{place}/map/3").content == answer.content
    following = np.frombuffer(client.get(f"{place}/map/4").content, np.uint8, PIXELS).reshape(64, 128)
    assert (following[10:30, 40:80] == 4).all()
    assert client.get(f"{place}/condition/3").headers["content-type"] == "image/png"
    assert client.get(f"{place}/inside/3/0/mask").headers["content-type"] == "image/png"
    # a page that is reloaded finds all of it again
    assert client.get(f"{place}/layer/3").content == layer()
    assert client.get(f"{place}/edits").json() == {
        "lines": [],
        "objects": [],
        "style": {},
        "layers": [{"frame": 3, "carry": "place", "first": 3, "last": 4}],
    }
    assert client.post(f"{place}/paint/3").content == before
    assert client.get(f"{place}/layer/3").status_code == 204
    assert client.get(f"{place}/place").json() == {"place": 0, "made": 4, "frames": 6}


@pytest.mark.parametrize(
    ("path", "content", "status", "message"),
    [
        ("paint/3", b"short", 400, "A layer of 64 x 128 has 49152 bytes."),
        ("paint/3", bytes(6 * PIXELS + 1), 413, "larger than 49152 bytes"),
        ("paint/3", layer(value=9), 400, "not one of the brushes"),
        ("paint/3", layer(objects=-1), 400, "Object ids must be at least 0"),
        ("paint/3?carry=up", layer(), 400, "carry='up' is unknown"),
        ("paint/3?first=x", layer(), 400, "first must be a whole number"),
        ("paint/6", layer(), 404, "There is no frame 6."),
        ("rules", b'{"lines": ["cat->road"]}', 400, "'cat' is unknown"),
        (
            "rules",
            b'{"objects": [{"number": 1, "value": 77, "first": 0, "last": 5}]}',
            400,
            "label that does not exist",
        ),
        ("rules", b"[]", 400, "not a mapping"),
        ("rules", b'{"lines": 5}', 400, "lines must be a list"),
        ("rules", b'{"objects": [5]}', 400, "Each of objects must be a mapping"),
        ("open", b'{"parts": 5}', 400, "parts must be a list"),
        ("style", b'{"road": 0}', 400, "no encoder of styles"),
        ("rules", b"{", 400, "not JSON"),
        ("open", b'{"seed": -1}', 400, "seed must lie in 0..2147483647, but is -1"),
        ("open", b"{}", 400, "Choose a file first."),
        ("upload/source?name=a.exe", b"MZ", 400, "'.exe' is unknown"),
        ("upload/passwd?name=a.mkv", b"", 400, "part='passwd' is unknown"),
        ("upload/source?name=a.mkv", bytes(50_001), 413, "larger than 0.05 MB"),
    ],
)
def test_what_does_not_fit_is_refused(
    client: TestClient, place: str, path: str, content: bytes, status: int, message: str
) -> None:
    answer = client.post(f"{place}/{path}", content=content)
    assert answer.status_code == status
    assert message in answer.json()["error"]
    assert client.get(f"{place}/frame/2/0").status_code == 200


def test_a_broken_file_is_named_and_the_video_before_stays(client: TestClient, place: str) -> None:
    assert client.post(f"{place}/upload/source?name=../../street.mkv", content=b"no video").status_code == 204
    client.post(f"{place}/upload/instance?name=ids.png", content=b"no picture")
    answer = client.post(f"{place}/open", json={"parts": ["source", "instance"]})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("source.mkv: ")
    assert "vid2vid-studio-" not in answer.json()["error"]
    assert client.get(f"{place}/facts").json()["street"]


def test_uploaded_maps_become_the_video(client: TestClient, place: str, tmp_path: Path) -> None:
    maps = np.full((4, 64, 128), 7, np.uint8)
    maps[:, 20:40, 30:60] = 26
    write_labels(tmp_path / "a.mkv", list(maps), 10)
    write_ids(tmp_path / "b.mkv", list(maps.astype(int) * 1000), 10)
    client.post(f"{place}/upload/source?name=A.MKV", content=(tmp_path / "a.mkv").read_bytes())
    missing = client.post(f"{place}/open", json={"parts": ["source"]}).json()["error"]
    assert missing == "This model needs more than the conditions: choose files for Object ids."
    client.post(f"{place}/upload/instance?name=b.mkv", content=(tmp_path / "b.mkv").read_bytes())
    assert client.post(f"{place}/open", json={"parts": ["source", "instance"]}).status_code == 204
    facts = client.get(f"{place}/facts").json()
    assert (facts["frames"], facts["street"], facts["given"]) == (4, False, 0)
    # a street may be opened again
    assert facts["streets"]
    given = client.get(f"{place}/map/1").content
    np.testing.assert_array_equal(np.frombuffer(given[PIXELS:], "<i4").reshape(64, 128), maps[1].astype(int) * 1000)
    answer = client.get(f"{place}/command").json()
    assert "source=labels.mkv instance=objects.mkv" in answer["command"]
    taken = client.get(f"{place}/take/maps.zip")
    assert taken.content[:2] == b"PK"
    assert "maps.zip" in taken.headers["content-disposition"]


def test_changes_of_a_video_that_is_no_longer_open_are_refused(studio: Studio, client: TestClient, place: str) -> None:
    turn, begun = Event(), Event()

    def work() -> None:
        begun.set()
        turn.wait(60)

    changes = {
        "paint/2?first=0&last=3": layer(),
        "rules": b'{"lines": ["building->vegetation"], "objects": []}',
        "style": b"{}",
        "style/3": b"{}",
    }
    with ThreadPoolExecutor(5) as pool:
        # the models compute something else meanwhile
        pool.submit(asyncio.run, studio.turns.run("another", work))
        assert begun.wait(60)
        asked = [pool.submit(client.post, f"{place}/{path}", content=body) for path, body in changes.items()]
        while client.get(f"{place}/place").json()["place"] < 1:
            time.sleep(0.01)
        time.sleep(0.2)
        assert client.post(f"{place}/open", json={"seed": 5}).status_code == 204
        turn.set()
    assert [one.result().status_code for one in asked] == [409] * len(changes)
    edits = client.get(f"{place}/edits").json()
    assert (edits["layers"], edits["lines"]) == ([], [])


def test_visitors_do_not_reach_each_other(client: TestClient, place: str) -> None:
    other = f"/s/{client.post('/session').json()['session']}"
    before = client.get(f"{other}/frame/3/0").content
    client.post(f"{place}/paint/3", content=layer())
    assert client.get(f"{other}/frame/3/0").content == before
    full = client.post("/session")
    assert full.status_code == 400
    assert "the studio is full: 2 visitors" in full.json()["error"]
    assert client.post(f"{other}/leave").status_code == 204
    # its page may come back, until its place is needed
    comes_back = {"session": other.removeprefix("/s/"), "reloaded": False}
    assert client.post("/session", json=comes_back).json()["resumed"]
    # while another page uses it, it is not handed out
    assert "the studio is full" in client.post("/session", json=comes_back).json()["error"]
    assert client.post("/session", json={**comes_back, "reloaded": True}).json()["resumed"]
    client.post(f"{other}/leave")
    assert client.post("/session").json()["resumed"] is False
    gone = client.get(f"{other}/frame/3/0")
    assert gone.status_code == 404
    assert "This session is over" in gone.json()["error"]


def test_models_of_other_conditions_do_not_stand_beside(street: StudioModel, config: StudioConfig) -> None:
    settings = {"base_channels": 4, "downsamples": 1, "blocks": 2}
    other = StudioModel("other", Vid2VidModule(Condition(label_ids=[1, 2]), generator=settings))
    with pytest.raises(ConfigError, match="other: has other conditions than street"):
        Studio([street, other], config)


def test_two_models_stand_beside_each_other(street: StudioModel, config: StudioConfig) -> None:
    torn = StudioModel("torn", Vid2VidModule(street.condition, generator={"base_channels": 4, "blocks": 2}))
    with TestClient(Studio([street, torn], config).app, "http://127.0.0.1") as client:
        place = f"/s/{client.post('/session').json()['session']}"
        assert [model["name"] for model in client.get(f"{place}/facts").json()["models"]] == ["street", "torn"]
        one, two = (client.get(f"{place}/frame/2/{model}").content for model in (0, 1))
        assert one != two
        assert client.get(f"{place}/frame/2/2").status_code == 404


def test_kinds_of_a_class_are_tried_and_chosen(street: StudioModel, config: StudioConfig, tmp_path: Path) -> None:
    settings = {"base_channels": 4, "downsamples": 1, "blocks": 2}
    module = Vid2VidModule(street.condition, generator=settings, encoder={"features": 2, "base_channels": 4})
    sizes, centres = torch.zeros(9, 2, dtype=torch.int64), torch.zeros(9, 2, 2)
    sizes[0], centres[0] = torch.tensor([5, 3]), torch.tensor([[0.9, -0.9], [-0.9, 0.9]])
    none = torch.zeros(9, 1), torch.zeros(9, 1, 2), torch.zeros(9, 1, 2, 2)
    labels = street.condition.label_names
    StyleBook(centres[:, 0] * 0, sizes.sum(1), centres, sizes, *none, labels, fingerprint(module)).save(tmp_path / "s")
    styled = StudioModel("styled", module, "32")
    with TestClient(Studio([styled], replace(config, styles=tmp_path / "s")).app, "http://127.0.0.1") as client:
        place = f"/s/{client.post('/session').json()['session']}"
        (road,) = client.get(f"{place}/facts").json()["styles"].values()
        assert road["mean"] == [0, 0]
        np.testing.assert_allclose(road["kinds"], [[0.9, -0.9], [-0.9, 0.9]], atol=1e-6)
        average = client.get(f"{place}/frame/3/0").content
        tried = [client.post(f"{place}/style/3", json={"road": style}).content for style in (0, 1, [0.5, 0.25])]
        assert len({average, *tried}) == 4
        # a trial changes nothing
        assert client.get(f"{place}/frame/3/0").content == average
        assert client.post(f"{place}/style", json={"road": 1}).status_code == 204
        chosen = client.get(f"{place}/frame/3/0").content
        assert chosen != average
        assert client.post(f"{place}/style/3", json={"road": 1}).content == chosen
        assert "style_classes={road:1}" in client.get(f"{place}/command").json()["command"]
        assert "its kinds are 0 to 1" in client.post(f"{place}/style", json={"road": 2}).json()["error"]
        assert "have 2 features" in client.post(f"{place}/style", json={"road": [0.5]}).json()["error"]
        client.post(f"{place}/style", json={"road": [0.5, -0.25]})
        assert "style_classes={road:[0.5,-0.25]}" in client.get(f"{place}/command").json()["command"]
        client.post(f"{place}/style", json={})
        assert client.get(f"{place}/frame/3/0").content == average
    with pytest.raises(ConfigError, match="this model has no encoder of styles"):
        Studio([street], replace(config, styles=tmp_path / "s"))


def test_a_port_that_is_taken_is_named() -> None:
    with listening_socket("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"port={port}: cannot be served there"):
            listening_socket("127.0.0.1", port)


def test_maps_are_sent_compressed(client: TestClient, place: str) -> None:
    with client.stream("GET", f"{place}/map/3") as answer:
        raw = b"".join(answer.iter_raw())
    assert len(raw) < PIXELS
    assert len(zlib.decompress(raw)) == 5 * PIXELS
