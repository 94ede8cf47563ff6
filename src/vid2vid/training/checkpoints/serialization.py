"""Reading checkpoints and model folders as modules, and writing modules as checkpoints."""

from dataclasses import asdict, dataclass
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar, overload

import torch
from torch import Tensor

from vid2vid.condition import Condition
from vid2vid.config import build
from vid2vid.errors import NOT_WEIGHTS, CheckpointError, ConfigError, why
from vid2vid.files import write_bytes
from vid2vid.models import MODELS
from vid2vid.training.adversarial_module import FACTS, FORMAT, HEADER, AdversarialModule
from vid2vid.training.checkpoints.model_folder import WEIGHTS, ModelFolder, shipped_models
from vid2vid.training.training_facts import TrainingFacts

# allowed beside a factor of 2, which is for weights in half precision
_SLACK_BYTES = 2**24

Module = TypeVar("Module", bound=AdversarialModule[Any])


@dataclass(frozen=True)
class StoredCheckpoint:
    """The content of a checkpoint.

    Attributes:
        path: The file.
        kind: The kind of model, a key of `vid2vid.models.MODELS`.
        settings: The settings of the module's parts.
        content: Everything in the file.
        size: Bytes of the file with the weights.
        whole: Whether it has all networks; a model folder has the generator alone.
    """

    path: Path
    kind: str
    settings: dict[str, Any]
    content: dict[str, Any]
    size: int
    whole: bool = True

    def require(self, kind: str) -> None:
        """Refuse a checkpoint of another kind of model.

        Raises:
            CheckpointError: It is of another kind.
        """
        if self.kind != kind:
            raise CheckpointError(
                f"{self.path}: this is {MODELS[self.kind].title}; {MODELS[kind].title} (train model={kind}) is needed "
                "here."
            )


def read(path: str | Path) -> StoredCheckpoint:
    """Read a checkpoint; nothing in it is executed (weights-only).

    Args:
        path: A ``.ckpt`` file of a training run, a model folder, the name of a model that comes with vid2vid, or the id
            of a model on huggingface's hub (`ModelFolder.find`).

    Raises:
        CheckpointError: The file is missing, damaged, not a checkpoint of vid2vid, or of another version of it.
    """
    path, folder = Path(path), ModelFolder.find(path)
    if folder is not None:
        content: Any = folder.read()
        file = folder.path / WEIGHTS
    elif path.is_file():
        file = path
        try:
            content = torch.load(path, map_location="cpu", weights_only=True)
        except NOT_WEIGHTS as error:
            raise CheckpointError(f"{path}: cannot be read as a checkpoint of weights: {why(error)}") from error
    elif path.is_dir():
        found = next((name for name in ("checkpoints/last.ckpt", "last.ckpt") if (path / name).is_file()), "")
        advice = f"give the one in it: {path / found}." if found else "give a .ckpt file or the folder of a model."
        raise CheckpointError(f"{path}: is a folder, not a checkpoint; {advice}")
    else:
        raise CheckpointError(
            f"{path}: there is no such checkpoint, and none of the models that come with vid2vid has this name "
            f"({', '.join(shipped_models())})."
        )
    settings = content.get("hyper_parameters") if isinstance(content, dict) else None
    header = content.get(HEADER) if isinstance(content, dict) else None
    needed = {"condition"} if isinstance(header, dict) else {"condition", "objective"}
    if not isinstance(settings, dict) or not needed <= set(settings):
        raise CheckpointError(f"{path}: is not a checkpoint that `vid2vid train` wrote.")
    # the first versions of vid2vid wrote no header
    stored = header.get("format") if isinstance(header, dict) else 0
    if not isinstance(header, dict) or stored != FORMAT or header.get("kind") not in MODELS:
        raise CheckpointError(
            f"{path}: is a checkpoint of another version of vid2vid (format {stored}, kind "
            f"{(header or {}).get('kind', 'not named')}); this version reads format {FORMAT} of the kinds "
            f"{', '.join(MODELS)}. Use it with the version that wrote it, or train the model again."
        )
    return StoredCheckpoint(path, header["kind"], settings, content, file.stat().st_size, whole=folder is None)


@overload
def load(
    path: str | Path, expect: None = None, *, device: str | torch.device = "cpu", condition: Condition | None = None
) -> AdversarialModule[Any]: ...


@overload
def load(
    path: str | Path, expect: type[Module], *, device: str | torch.device = "cpu", condition: Condition | None = None
) -> Module: ...


def load(
    path: str | Path,
    expect: type[AdversarialModule[Any]] | None = None,
    *,
    device: str | torch.device = "cpu",
    condition: Condition | None = None,
) -> AdversarialModule[Any]:
    """Load a trained model of any kind for synthesis.

    Args:
        path: A ``.ckpt`` file of `vid2vid train`, a model folder, the name of a model that comes with vid2vid, such as
            ``street``, or the id of one on huggingface's hub, ``owner/name`` or ``owner/name@revision``; nothing in it
            is executed (weights-only).
        expect: The class of the module that is needed, e.g. `vid2vid.Vid2VidModule`; None: any.
        device: Where its tensors go.
        condition: Conditions that the model must fit; None: any.

    Returns:
        The module in evaluation mode.

    Raises:
        CheckpointError: The file is missing, damaged, of another version, another kind of model or other conditions.
    """
    stored = read(path)
    if expect is not None:
        stored.require(expect.kind)
    settings = stored.settings
    try:
        if stored.whole:
            # synthesis needs no loss network, whose weights may not be on this machine
            settings = {**settings, "objective": {**settings["objective"], "perceptual_weight": 0.0}}
        _refuse_oversized(stored, settings)
        module: AdversarialModule[Any] = MODELS[stored.kind].module(**settings)
        module.facts = build(TrainingFacts, stored.content.get(FACTS), FACTS)
    except (ConfigError, LookupError, TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise CheckpointError(f"{path}: its settings do not fit this version of vid2vid: {error}") from error
    try:
        module.load_state_dict({**_not_stored(stored, module), **stored.content["state_dict"]})
    except (RuntimeError, LookupError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{path}: its weights do not fit its own settings: {error}") from error
    if condition is not None:
        module.require_fit(condition, path)
    return module.to(device).eval()


def _refuse_oversized(stored: StoredCheckpoint, settings: dict[str, Any]) -> None:
    """Refuse settings of networks far larger than the weights in the file, before memory is allocated for them.

    Raises:
        ConfigError: The networks are too large.
    """
    with torch.device("meta"):
        module = MODELS[stored.kind].module(**settings)
    absent = _not_stored(stored, module)
    needed = sum(t.numel() * t.element_size() for name, t in module.state_dict().items() if name not in absent)
    if needed > 2 * stored.size + _SLACK_BYTES:
        raise ConfigError(f"they describe networks of {needed} bytes, but the file has {stored.size}")


def _not_stored(stored: StoredCheckpoint, module: AdversarialModule[Any]) -> dict[str, Tensor]:
    """Return a module's tensors that the stored model lacks: none, or for a model folder all but the generator's."""
    state = {} if stored.whole else module.state_dict()
    return {name: tensor for name, tensor in state.items() if not name.startswith("generator.")}


def save(module: AdversarialModule[Any], path: Path) -> None:
    """Write a checkpoint of a module that was not trained here; `load` reads it.

    Args:
        module: The module.
        path: The file; it appears when it is complete.

    Raises:
        OSError: The file cannot be written.
    """
    content: dict[str, Any] = {
        HEADER: module.header,
        "state_dict": module.state_dict(),
        "hyper_parameters": dict(module.hparams),
        FACTS: asdict(module.facts),
        "pytorch-lightning_version": version("pytorch-lightning"),
    }
    memory = BytesIO()
    torch.save(content, memory)
    write_bytes(path, memory.getvalue())
