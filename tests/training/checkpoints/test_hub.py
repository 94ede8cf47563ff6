"""Models on a hub: a small one on loopback that speaks what huggingface_hub asks for, and the library itself."""

import base64
import hashlib
import json
import pickle
import re
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import torch

from vid2vid import ImageModule, Vid2VidModule, load
from vid2vid.cli import share
from vid2vid.config.commands import Share
from vid2vid.errors import CheckpointError, MissingExtraError
from vid2vid.training.checkpoints.hub import is_model_id
from vid2vid.training.checkpoints.model_folder import CARD, SETTINGS, WEIGHTS
from vid2vid.training.checkpoints.partial import load_fitting_weights

Modules = Callable[..., Vid2VidModule]


class Hub(ThreadingHTTPServer):
    """Holds models in memory.

    Attributes:
        commits: The files of each commit of each model, by the hash of the commit; the newest is the last.
        tags: Names of commits.
        gated: Models that need access.
        asked: The paths of all requests.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.commits: dict[str, dict[str, dict[str, bytes]]] = {}
        self.tags: dict[str, str] = {}
        self.gated: set[str] = set()
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def commit(self, model: str, files: dict[str, bytes]) -> str:
        """Add files to those of the newest commit."""
        commits = self.commits.setdefault(model, {})
        whole = {**(list(commits.values()) or [{}])[-1], **files}
        name = hashlib.sha1(repr((len(commits), sorted(whole))).encode(), usedforsecurity=False).hexdigest()
        commits[name] = whole
        return name


class Handler(BaseHTTPRequestHandler):
    """Answers HEAD and GET of files, and the requests of a commit."""

    server: Hub

    def log_message(self, format: str, *args: object) -> None:
        self.server.asked.append(self.path)

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def refuse(self, status: int, code: str, **headers: str) -> None:
        self.answer(status, b"", X_Error_Code=code, **headers)

    def do_HEAD(self) -> None:
        path = self.path.partition("?")[0]
        listed = re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/(revision|tree)/([^/]+))?", path)
        found = re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path)
        if not found and not listed:
            # huggingface_hub asks for more than files, and does without
            self.answer(404)
            return
        if found:
            model, revision, name = found.groups()
        else:
            assert listed is not None
            model, revision, name = listed[1], listed[3] or "main", ""
        commits = self.server.commits.get(model, {})
        commit = self.server.tags.get(revision, revision) if revision != "main" else next(reversed(commits), "")
        if model in self.server.gated:
            self.refuse(403, "GatedRepo")
        elif not commits:
            self.refuse(401, "RepoNotFound")
        elif commit not in commits:
            self.refuse(404, "RevisionNotFound")
        elif listed:
            files = [
                {"type": "file", "path": name, "size": len(body), "oid": hashlib.sha256(body).hexdigest()}
                for name, body in commits[commit].items()
            ]
            about = {"id": model, "sha": commit, "siblings": [{"rfilename": file["path"]} for file in files]}
            text = json.dumps(files if listed[2] == "tree" else about)
            self.answer(200, text.encode(), Content_Type="application/json")
        elif name not in commits[commit]:
            self.refuse(404, "EntryNotFound", X_Repo_Commit=commit)
        else:
            body = commits[commit][name]
            self.answer(200, body, X_Repo_Commit=commit, ETag=f'"{hashlib.sha256(body).hexdigest()}"')

    do_GET = do_HEAD  # noqa: N815

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answer: dict[str, Any] = {"errors": [], "warnings": []}
        if self.path == "/api/repos/create":
            asked = json.loads(body)
            answer = {"url": f"{self.server.url}/{asked['organization']}/{asked['name']}"}
        elif "/preupload/" in self.path:
            paths = [file["path"] for file in json.loads(body)["files"]]
            answer = {"files": [{"path": p, "uploadMode": "regular", "shouldIgnore": False} for p in paths]}
        elif "/commit/" in self.path:
            lines = [json.loads(line) for line in body.splitlines()]
            files = [line["value"] for line in lines if line["key"] == "file"]
            model = "/".join(self.path.split("/")[3:5])
            name = self.server.commit(model, {file["path"]: base64.b64decode(file["content"]) for file in files})
            answer = {"commitUrl": f"{self.server.url}/{model}/commit/{name}", "commitOid": name}
        self.answer(200, json.dumps(answer).encode(), Content_Type="application/json")


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """The hub that huggingface_hub knows; it reads its address when it is imported."""
    pytest.importorskip("huggingface_hub")
    for name in [name for name in sys.modules if name.split(".")[0] == "huggingface_hub"]:
        monkeypatch.delitem(sys.modules, name)
    server = Hub()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "huggingface"))
    monkeypatch.setenv("HF_TOKEN", "hf_nobody")
    monkeypatch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    # an id must not be found in the folder where the tests run
    monkeypatch.chdir(tmp_path)
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def module(small_module: Modules) -> Vid2VidModule:
    return small_module().eval()


def same(one: Vid2VidModule, other: Vid2VidModule) -> bool:
    theirs = other.synthesis_generator.state_dict()
    return all(torch.equal(tensor, theirs[name]) for name, tensor in one.synthesis_generator.state_dict().items())


def files_of(module: Vid2VidModule, folder: Path) -> dict[str, bytes]:
    module.save_pretrained(folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_there_and_back(hub: Hub, module: Vid2VidModule, small_module: Modules) -> None:
    address = module.push_to_hub("ann/street", licence="apache-2.0")
    files = next(iter(hub.commits["ann/street"].values()))
    assert address.startswith(f"{hub.url}/ann/street/commit/")
    assert sorted(files) == sorted([CARD, SETTINGS, WEIGHTS])
    assert 'from_pretrained("ann/street")' in files[CARD].decode()
    back = Vid2VidModule.from_pretrained("ann/street")
    assert (back.training, back.condition, same(back, module)) == (False, module.condition, True)
    # once downloaded it needs no hub, and the same id works wherever a checkpoint is given
    asked = len(hub.asked)
    assert same(Vid2VidModule.from_pretrained("ann/street", local_files_only=True), module)
    assert len(hub.asked) == asked
    assert "starts untrained: discriminators" in load_fitting_weights(small_module(), "ann/street").report
    with pytest.raises(CheckpointError, match="this is a video model; an image generator"):
        ImageModule.from_pretrained("ann/street")


def test_a_revision(hub: Hub, module: Vid2VidModule, tmp_path: Path) -> None:
    first = hub.commit("ann/street", files_of(module, tmp_path / "first"))
    hub.tags["v1"] = first
    old = module.synthesis_generator.state_dict()
    old = {name: tensor.clone() for name, tensor in old.items()}
    with torch.no_grad():
        for weight in module.generator.parameters():
            weight.add_(1)
    hub.commit("ann/street", files_of(module, tmp_path / "second"))
    assert same(Vid2VidModule.from_pretrained("ann/street"), module)
    for given in (load("ann/street@v1"), Vid2VidModule.from_pretrained("ann/street", revision=first)):
        state = given.synthesis_generator.state_dict()
        assert all(torch.equal(tensor, old[name]) for name, tensor in state.items())
    with pytest.raises(CheckpointError, match="ann/street@v2: the model on the hub has no revision v2"):
        load("ann/street@v2")


class Trap:
    """Leaves a trace when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("trace"),))


def test_pickled_files_are_neither_downloaded_nor_read(hub: Hub, module: Vid2VidModule, tmp_path: Path) -> None:
    pickled = {name: pickle.dumps(Trap()) for name in ("pytorch_model.bin", "model.ckpt", "model.pt")}
    files = files_of(module, tmp_path / "model")
    hub.commit("ann/street", {**files, **pickled})
    assert same(Vid2VidModule.from_pretrained("ann/street"), module)
    assert {path.rpartition("/")[2] for path in hub.asked if "/resolve/" in path} == {SETTINGS, WEIGHTS}
    # a model without safetensors is none, whatever lies beside
    hub.commit("ann/pickled", {SETTINGS: files[SETTINGS], **pickled})
    with pytest.raises(CheckpointError, match=f"ann/pickled: the model on the hub is not one of vid2vid.*{WEIGHTS}"):
        load("ann/pickled")
    for name, content in pickled.items():
        (tmp_path / "model" / name).write_bytes(content)
    (tmp_path / "model" / WEIGHTS).unlink()
    with pytest.raises(CheckpointError, match="cannot be read as the folder of a model"):
        Vid2VidModule.from_pretrained(tmp_path / "model")
    assert not Path("trace").exists()


def test_what_is_wrong_is_told(
    hub: Hub, module: Vid2VidModule, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = files_of(module, tmp_path / "model")
    hub.commit("ann/broken", {**files, WEIGHTS: files[WEIGHTS][:1000]})
    hub.commit("ann/other", {SETTINGS: b'{"model_type": "gpt2"}', WEIGHTS: files[WEIGHTS]})
    hub.gated.add("ann/gated")
    for model, message in {
        "ann/broken": "cannot be read as the folder of a model",
        "ann/other": "cannot be read as the folder of a model",
        "ann/gated": "ann/gated: this model is gated: ask for access",
        "ann/none": "ann/none: there is no such file or folder, and the hub has no such public model",
    }.items():
        with pytest.raises(CheckpointError, match=message):
            load(model)
    # a path that is there is never an id, and one with the ending of a file is none
    Path("ann/none").mkdir(parents=True)
    asked = len(hub.asked)
    for path, message in (("ann/none", "is a folder, not a checkpoint"), ("runs/last.ckpt", "there is no such")):
        with pytest.raises(CheckpointError, match=f"{path}: {message}"):
            load(path)
    assert len(hub.asked) == asked
    hub.shutdown()
    hub.server_close()
    with pytest.raises(
        CheckpointError, match="ann/far: there is no such file or folder, and the hub cannot be reached"
    ):
        load("ann/far")


def test_the_command_line_pushes(
    hub: Hub, module: Vid2VidModule, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    module.save_pretrained(tmp_path / "model")
    share.run(Share(checkpoint=tmp_path / "model", hub="ann/street", training_data="streets, for research"))
    assert capsys.readouterr().out.startswith(f"{hub.url}/ann/street/commit/")
    assert b"streets, for research" in next(iter(hub.commits["ann/street"].values()))[CARD]


def test_without_the_extra(module: Vid2VidModule, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    module.save_pretrained(tmp_path / "model")
    assert same(Vid2VidModule.from_pretrained(tmp_path / "model"), module)
    shutil.rmtree(tmp_path / "model")
    with pytest.raises(MissingExtraError, match=r"ann/street: there is no such file or folder; .*vid2vid\[hub\]"):
        load("ann/street")
    with pytest.raises(MissingExtraError, match=r"vid2vid\[hub\]"):
        module.push_to_hub("ann/street")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((text, True) for text in ("ann/street", "ann/street@v1", "a-b/c.d_e@refs/pr/1")),
        *((text, False) for text in ("street", "a/b/c", "./street", "../street", "/street", "~/street", "runs/a.ckpt")),
        *((text, False) for text in ("a/step.onnx", "a/", "/a", "a/b@", "a b/c", "https://a/b")),
    ],
)
def test_what_is_written_as_an_id(text: str, expected: bool) -> None:
    assert is_model_id(text) == expected
