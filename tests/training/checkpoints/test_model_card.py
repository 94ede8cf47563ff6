"""The card tells what is known of a model, and claims nothing else."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from vid2vid import ImageModule, Vid2VidModule
from vid2vid.condition import Condition, planes_of
from vid2vid.errors import CheckpointError
from vid2vid.files import write_bytes, write_text
from vid2vid.training.checkpoints.fingerprint import fingerprint
from vid2vid.training.checkpoints.model_card import model_card
from vid2vid.training.training_facts import TrainingFacts

Modules = Callable[..., Vid2VidModule]


def front_matter(card: str) -> dict[str, object]:
    found = yaml.safe_load(card.split("---\n")[1])
    assert isinstance(found, dict)
    return found


@pytest.fixture
def module(small_module: Modules) -> Vid2VidModule:
    return small_module()


def test_nothing_is_claimed_of_what_is_not_known(module: Vid2VidModule) -> None:
    card = model_card(module, "ann/street")
    assert front_matter(card) == {
        "library_name": "vid2vid",
        "pipeline_tag": "video-to-video",
        "tags": ["vid2vid", "video-synthesis", "labels"],
    }
    for told in (
        "# ann/street\n\nA video model of vid2vid: label maps to video.",
        "vid2vid synthesize checkpoint=ann/street source=labels.mkv output=out.mp4",
        'Vid2VidModule.from_pretrained("ann/street")',
        "| 0 | 7 | road | #804080 |",
        "## Data and training\n\nNothing is known of them.",
        "## Licence\n\nNot stated",
        "## Measured\n\nNothing was measured of these weights.",
    ):
        assert told in card
    assert "PSNR" not in card
    assert "trained at" not in card


def test_what_is_known_is_told(module: Vid2VidModule) -> None:
    module.facts = TrainingFacts("streets", 80, 2400, 128, 256, 10.0, 8, 2, 400, ["optimizer.lr=0.001"])
    card = model_card(module, "street", licence="apache-2.0", half=True)
    assert front_matter(card)["license"] == "apache-2.0"
    for told in (
        "| trained on | streets; 80 sequences, 2,400 frames |",
        "| trained at | 256 x 128, 10 frames a second |",
        "| training | 400 batches of 2, in the end with clips of 8 frames |",
        "| settings | optimizer.lr=0.001 |",
        "It was trained at 256 x 128",
        "float16",
    ):
        assert told in card
    assert "| trained on | mine |" in model_card(module, "street", data="mine")


def test_texts_cannot_break_the_table(module: Vid2VidModule) -> None:
    module.facts = TrainingFacts(data="a | b\n\n# Heading <script>")
    assert "| trained on | a \\| b # Heading &lt;script> |" in model_card(module, "street")


def test_an_evaluation_of_these_weights_comes_into_the_card(module: Vid2VidModule, tmp_path: Path) -> None:
    evaluation, folder = tmp_path / "evaluation", tmp_path / "model"
    content = {
        "vid2vid": {"psnr": 20.0},
        "intervals": {"vid2vid": {}},
        "weights": {"vid2vid": fingerprint(module)},
        "data": "streets",
        "clips": 3,
    }
    write_text(evaluation / "metrics.json", json.dumps(content))
    write_bytes(evaluation / "sheet.png", b"a picture")
    module.save_pretrained(folder, evaluation=evaluation)
    card = (folder / "README.md").read_text()
    assert "3 held-out clips of streets. The model is the row vid2vid.\n\n|" in card
    assert "| vid2vid | 20.00 |" in card
    assert "![A held-out clip](sheet.png)" in card
    assert (folder / "sheet.png").read_bytes() == b"a picture"
    # rounded they are other weights
    with pytest.raises(
        CheckpointError,
        match="evaluation: holds no evaluation of these weights; make one by vid2vid evaluate on a folder",
    ):
        module.save_pretrained(tmp_path / "half", evaluation=evaluation, half=True)
    write_text(evaluation / "metrics.json", json.dumps({**content, "weights": {"vid2vid": "weights of others"}}))
    with pytest.raises(
        CheckpointError, match=r"evaluation: holds no evaluation of these weights; make one by vid2vid evaluate\.$"
    ):
        module.save_pretrained(tmp_path / "other", evaluation=evaluation)
    assert not (tmp_path / "half").exists()
    assert not (tmp_path / "other").exists()


def test_other_models_and_conditions(small_module: Modules, small_image: Callable[..., ImageModule]) -> None:
    card = model_card(small_image(), "street")
    assert front_matter(card)["pipeline_tag"] == "image-to-image"
    assert 'ImageModule.from_pretrained("street")' in card
    condition = Condition("image", planes=planes_of(["depth"]))
    card = model_card(small_module(condition), "street")
    assert "source=labels.mkv 'planes={depth:depth.mkv}' output=out.mp4" in card
    assert "| condition | image, depth; 4 channels |" in card
    assert ".step(source, planes=planes)" in card
    card = model_card(small_module(Condition("face")), "face")
    assert "sketches of faces to video" in card
    assert "source=pose.npz" in card
    assert "## Labels" not in card
