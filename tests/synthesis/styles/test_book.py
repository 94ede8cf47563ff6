"""Styles are fitted to what was found, drawn by seed, and kept in a file."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from vid2vid import Vid2VidDataModule, Vid2VidModule
from vid2vid.errors import CheckpointError, ConfigError, DataError
from vid2vid.ops import class_map, object_map, to_images
from vid2vid.synthesis.styles import StyleBook, collect_styles, fit_styles

Modules = Callable[..., Vid2VidModule]
ENCODER = {"features": 2, "base_channels": 4, "downsamples": 1}


@pytest.fixture(scope="module")
def module(small_module: Modules) -> Vid2VidModule:
    """An encoder as it begins, for streets."""
    torch.manual_seed(3)
    return small_module(encoder=ENCODER).eval()


def two_kinds() -> list[Tensor]:
    """Features of nine classes: of the first two kinds, 60 and 40 objects; of the second one object, no others."""
    random = torch.Generator().manual_seed(5)
    around = torch.tensor([[0.6, -0.5]] * 60 + [[-0.4, 0.3]] * 40)
    first = around + 0.02 * torch.randn(100, 2, generator=random)
    return [first, torch.tensor([[0.1, 0.2]]), *[torch.zeros(0, 2)] * 7]


@pytest.fixture(scope="module")
def book(module: Vid2VidModule, scikit_learn: None) -> StyleBook:
    return fit_styles(module, two_kinds(), components=2, kinds=2)


def test_kinds_are_found_the_most_common_first(book: StyleBook) -> None:
    assert book.sizes[0].tolist() == [60, 40]
    torch.testing.assert_close(book.centres[0], torch.tensor([[0.6, -0.5], [-0.4, 0.3]]), atol=0.02, rtol=0)
    assert torch.equal(book.centre("road", 1), book.centres[0, 1])
    assert book.sizes[1].tolist() == [1, 0]
    with pytest.raises(ConfigError, match=r"style_classes\.road=2: its kinds are 0 to 1"):
        book.centre("road", 2)
    with pytest.raises(ConfigError, match=r"style_classes\.building=0: no object of it was found"):
        book.centre("building", 0)


def test_draws_have_the_distribution_of_what_was_found(book: StyleBook) -> None:
    drawn = torch.stack([book.random(seed).table for seed in range(400)])
    near = (drawn[:, 0, None] - book.centres[0]).norm(dim=-1)
    assert near.amin(1).max() < 0.2
    # 60 of 100; four standard deviations of 400 draws
    assert abs((near.argmin(1) == 0).float().mean() - 0.6) < 0.1
    assert drawn[near.argmin(1) == 0, 0].std(0).max() < 0.04
    torch.testing.assert_close(drawn[:, 1].mean(0), torch.tensor([0.1, 0.2]), atol=0.01, rtol=0)
    # nothing is known of the others
    assert torch.equal(drawn[:, 2:], book.mean[2:].expand(400, -1, -1))


def test_the_seed_decides(book: StyleBook) -> None:
    assert torch.equal(book.random(7).table, book.random(7).table)
    assert not torch.equal(book.random(7).table, book.random(8).table)
    state = torch.random.get_rng_state()
    book.random(7)
    assert torch.equal(state, torch.random.get_rng_state())


def test_a_file_gives_back_what_was_saved(book: StyleBook, module: Vid2VidModule, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "styles.safetensors"
    book.save(path)
    again = StyleBook.load(path)
    assert (again.labels, again.model) == (book.labels, book.model)
    for name in ("mean", "objects", "centres", "sizes", "weights", "means", "factors"):
        assert torch.equal(getattr(again, name), getattr(book, name))
    again.require_fit(module)
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_styles_of_another_model_are_refused(book: StyleBook, small_module: Modules) -> None:
    with pytest.raises(ConfigError, match="was made with another model"):
        book.require_fit(small_module(encoder=ENCODER))


def test_what_is_no_file_of_styles_is_refused(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    with pytest.raises(DataError, match=r"none\.safetensors: there is no such file; vid2vid styles"):
        StyleBook.load(tmp_path / "none.safetensors")
    (tmp_path / "text").write_text("hello")
    with pytest.raises(DataError, match="text: cannot be read as a file of styles"):
        StyleBook.load(tmp_path / "text")
    save_file({"mean": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(DataError, match=r"other\.safetensors: this is not a file of `vid2vid styles`"):
        StyleBook.load(tmp_path / "other.safetensors")


@pytest.mark.usefixtures("scikit_learn")
def test_without_any_object_nothing_can_be_fitted(module: Vid2VidModule) -> None:
    with pytest.raises(DataError, match="there is no object whose style could be read"):
        fit_styles(module, [torch.zeros(0, 2)] * 9)


def test_each_object_of_each_frame_is_collected(
    module: Vid2VidModule, street_data: Callable[..., Vid2VidDataModule]
) -> None:
    data = street_data()
    found = collect_styles(module, data, frames=6, least_pixels=20)
    expected: list[list[Tensor]] = [[] for _ in found]
    for clip in data.training_frames(6):
        assert clip.instance is not None
        classes = class_map(module.condition, clip.source)
        with torch.no_grad():
            features = module.generator.require_encoder()(
                to_images(clip.real), classes, object_map(classes, clip.instance, 9)
            )
        for number in np.unique(clip.instance):
            for row in range(9):
                where = ((clip.instance == int(number)) & (classes == row))[0, 0, 0]
                if where.sum() >= 20:
                    expected[row].append(features[0, 0, :, where].mean(1))
    assert [len(own) for own in found] == [len(own) for own in expected]
    assert sum(map(len, found)) > 30
    for own, wanted in zip(found, expected, strict=True):
        for one in own:
            assert min(float((one - other).abs().max()) for other in wanted) < 1e-5


def test_styles_are_those_of_a_models_own_kind_of_data(
    small_module: Modules, street_data: Callable[..., Vid2VidDataModule]
) -> None:
    from vid2vid import Condition

    with pytest.raises(CheckpointError, match="differ from those of the data"):
        collect_styles(small_module(Condition(label_ids=[7, 11]), encoder=ENCODER), street_data())
    with pytest.raises(ConfigError, match="no encoder of styles"):
        collect_styles(small_module(), street_data())
