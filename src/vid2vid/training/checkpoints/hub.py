"""Models on huggingface's hub: their ids, downloading one, and uploading a folder."""

import re
from pathlib import Path
from typing import Any

from vid2vid.errors import CheckpointError, MissingExtraError, require, why

_ID = re.compile(r"(\w[\w.-]*/\w[\w.-]*)(?:@([\w./-]+))?")
_FILES = (".ckpt", ".pt", ".pth", ".bin", ".safetensors", ".onnx", ".xml", ".pt2")
"""Endings that no id has: a mistyped path to such a file is not looked for on the hub."""


def is_model_id(text: str) -> bool:
    """Whether a text is written as the id of a model on the hub, ``owner/name`` or ``owner/name@revision``."""
    return _ID.fullmatch(text) is not None and not text.endswith(_FILES)


def download(
    model_id: str,
    files: tuple[str, ...],
    optional: tuple[str, ...] = (),
    *,
    revision: str = "",
    **options: Any,  # noqa: ANN401 - those of huggingface_hub
) -> Path:
    """Return the folder with the files of a model on the hub; those that its cache lacks are downloaded.

    All files are of one commit. No other file of the model is ever requested.

    Args:
        model_id: ``owner/name``, or ``owner/name@revision``.
        files: The names of the files.
        optional: The names of files that may be missing.
        revision: A branch, tag or commit; empty: as in ``model_id``, or the newest.
        options: ``cache_dir``, ``force_download``, ``local_files_only`` and ``token`` of
            `huggingface_hub.snapshot_download`.

    Raises:
        CheckpointError: There is no such model, revision or file, access to it is restricted, or the hub cannot be
            reached.
        MissingExtraError: huggingface_hub is not installed; the message names the extra.
    """
    matched = _ID.fullmatch(model_id)
    owner_and_name, named = (matched[1], matched[2]) if matched else (model_id, None)
    try:
        hub: Any = require("huggingface_hub", "hub")
    except MissingExtraError as error:
        message = f"{model_id}: there is no such file or folder; to look for it on the hub: {error}"
        raise MissingExtraError(message) from error
    errors: Any = require("huggingface_hub.errors", "hub")
    wanted = {"revision": revision or named, "allow_patterns": [*files, *optional], "library_name": "vid2vid"}
    try:
        folder = Path(hub.snapshot_download(owner_and_name, **wanted, **options))
    except _failures(errors) as error:
        raise CheckpointError(f"{model_id}: {_reason(error, errors, revision or named)}") from error
    for name in files:
        if not (folder / name).is_file():
            raise CheckpointError(f"{model_id}: the model on the hub is not one of vid2vid: it has no {name}.")
    return folder


def _failures(errors: Any) -> tuple[type[Exception], ...]:  # noqa: ANN401 - a module
    """Return the exceptions that failed calls of huggingface_hub raise; any other would be a bug here."""
    # its HTTP errors derive from those of its HTTP library, which differs between its versions
    return OSError, ValueError, *errors.HfHubHTTPError.__bases__


def _reason(error: Exception, errors: Any, revision: str | None) -> str:  # noqa: ANN401 - a module
    """Explain a failed download to the user."""
    nowhere = "there is no such file or folder, and "
    if isinstance(error, errors.GatedRepoError):
        return "this model is gated: ask for access on its page at the hub, then log in with `hf auth login`."
    if isinstance(error, errors.RepositoryNotFoundError):
        return f"{nowhere}the hub has no such public model; if it is private, log in with `hf auth login`."
    if isinstance(error, errors.RevisionNotFoundError):
        return f"the model on the hub has no revision {revision}."
    if isinstance(error, errors.LocalEntryNotFoundError):
        return f"{nowhere}the hub cannot be reached, or is set offline, and its cache does not hold the model."
    return f"{nowhere}it cannot be used as the id of a model on the hub: {why(error)}"


def upload(
    folder: Path,
    model_id: str,
    *,
    message: str,
    private: bool | None,
    token: str | bool | None,
    branch: str | None,
    create_pr: bool | None,
) -> str:
    """Put a model folder onto the hub, in one commit; the model is made there if it is missing.

    Returns:
        The address of the commit.

    Raises:
        CheckpointError: The hub refuses it, or cannot be reached.
        MissingExtraError: huggingface_hub is not installed; the message names the extra.
    """
    hub: Any = require("huggingface_hub", "hub")
    failures = _failures(require("huggingface_hub.errors", "hub"))
    api = hub.HfApi(library_name="vid2vid", token=token)
    try:
        made = api.create_repo(model_id, private=private, exist_ok=True).repo_id
        files = [hub.CommitOperationAdd(path.name, path) for path in sorted(folder.iterdir())]
        done = api.create_commit(made, files, commit_message=message, revision=branch, create_pr=create_pr)
    except failures as error:
        raise CheckpointError(f"{model_id}: cannot be pushed to the hub: {why(error)}") from error
    return str(done.commit_url)
