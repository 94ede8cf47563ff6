"""`PretrainedModule`: modules that are saved as a folder to hand on, loaded from one, and pushed to the hub."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Generic, Self

from vid2vid.errors import CheckpointError
from vid2vid.training.adversarial_module import AdversarialModule, Network
from vid2vid.training.checkpoints.fingerprint import fingerprint
from vid2vid.training.checkpoints.hub import is_model_id, upload
from vid2vid.training.checkpoints.measured import SHEET, Measured
from vid2vid.training.checkpoints.model_card import model_card
from vid2vid.training.checkpoints.model_folder import METRICS, ModelFolder, save_model_folder
from vid2vid.training.checkpoints.serialization import load


class PretrainedModule(AdversarialModule[Network], Generic[Network]):
    """A module with the three methods that huggingface_hub's ``ModelHubMixin`` gives to models, of the same names.

    The mixin itself is not used: it reads a pickled ``pytorch_model.bin`` where ``model.safetensors`` is missing, keeps
    its own copy of all arguments, and must be installed when the class is defined. Here only the files of a
    `ModelFolder` are read, and huggingface_hub is needed only to use the hub.
    """

    def save_pretrained(
        self,
        save_directory: str | Path,
        *,
        repo_id: str = "",
        evaluation: str | Path | None = None,
        licence: str = "",
        data: str = "",
        half: bool = False,
    ) -> None:
        """Write the generator into a folder, with its settings and a card; `from_pretrained` reads it.

        Args:
            save_directory: The folder; it is made if it is missing.
            repo_id: The name in the card; empty: that of the folder.
            evaluation: The folder that `vid2vid evaluate` wrote for these weights: the card shows its figures and its
                sheet. None: the card says that nothing was measured.
            licence: The licence of the weights by its id on the hub, ``apache-2.0``; empty: not stated.
            data: The training data and its terms of use, in words; empty: from the module's `TrainingFacts`.
            half: Store the weights in float16, at half of the size.

        Raises:
            CheckpointError: The folder holds no evaluation of these weights.
            OSError: A file cannot be written.
        """
        folder, measured = Path(save_directory), None
        if evaluation is not None:
            measured = Measured.find(Path(evaluation), fingerprint(self, half))
            if measured is None:
                rounded = " on a folder with the weights that half=true has rounded" if half else ""
                raise CheckpointError(
                    f"{evaluation}: holds no evaluation of these weights; make one by vid2vid evaluate{rounded}."
                )
        name = repo_id or folder.resolve().name
        card = model_card(self, name, measured, licence, data, half)
        pictures = {}
        if measured is not None:
            found = [measured.folder / file for file in (METRICS, SHEET)]
            pictures = {path.name: path.read_bytes() for path in found if path.is_file()}
        save_model_folder(self, folder, card, half, pictures)

    @classmethod
    def from_pretrained(
        cls,
        pretrained_model_name_or_path: str | Path,
        *,
        revision: str = "",
        cache_dir: str | Path | None = None,
        force_download: bool = False,
        local_files_only: bool = False,
        token: str | bool | None = None,
    ) -> Self:
        """Load a model of this class, in evaluation mode; of the files only safetensors and JSON are read.

        Args:
            pretrained_model_name_or_path: A folder, a checkpoint, the name of a model that comes with vid2vid, or the
                id of one on the hub, ``owner/name`` or ``owner/name@revision``.
            revision: For an id: a branch, tag or commit; empty: the newest.
            cache_dir: For an id: where the files are kept; None: in the cache of huggingface_hub.
            force_download: For an id: download the files again.
            local_files_only: For an id: use what was downloaded before, without the network.
            token: For an id of a private or gated model: as huggingface_hub takes it.

        Raises:
            CheckpointError: There is no such model, it is damaged, or it is of another kind.
            MissingExtraError: It is an id, and huggingface_hub is not installed.
        """
        options = {
            "revision": revision,
            "cache_dir": cache_dir,
            "force_download": force_download,
            "local_files_only": local_files_only,
            "token": token,
        }
        given = str(pretrained_model_name_or_path)
        if any(options.values()) and is_model_id(given) and not Path(given).exists():
            return load(ModelFolder.from_hub(given, **options).path, cls)
        return load(given, cls)

    def push_to_hub(
        self,
        repo_id: str,
        *,
        commit_message: str = "Push model using vid2vid.",
        private: bool | None = None,
        token: str | bool | None = None,
        branch: str | None = None,
        create_pr: bool | None = None,
        **saved: Any,  # noqa: ANN401 - those of save_pretrained
    ) -> str:
        """Put the model onto huggingface's hub, as `save_pretrained` writes it.

        Args:
            repo_id: ``owner/name``; a missing repository is created.
            commit_message: Message of the commit.
            private: Whether a new repository is private; None: by the owner's settings.
            token: As huggingface_hub takes it; None: that of ``hf auth login``.
            branch: The branch to push to; None: ``main``.
            create_pr: Open a pull request instead.
            saved: ``evaluation``, ``licence``, ``data`` and ``half`` of `save_pretrained`.

        Returns:
            The address of the commit.

        Raises:
            CheckpointError: As `save_pretrained`; or the hub refuses it or cannot be reached.
            MissingExtraError: huggingface_hub is not installed; the message names the extra.
        """
        with TemporaryDirectory() as temporary:
            folder = Path(temporary, "model")
            self.save_pretrained(folder, repo_id=repo_id, **saved)
            return upload(
                folder,
                repo_id,
                message=commit_message,
                private=private,
                token=token,
                branch=branch,
                create_pr=create_pr,
            )
