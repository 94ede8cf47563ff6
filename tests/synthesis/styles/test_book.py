"""A book of styles: draws by seed, kinds by number, and its file."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from vid2vid import Vid2VidModule
from vid2vid.errors import ConfigError, DataError
from vid2vid.synthesis.styles import StyleBook


def test_kinds_are_chosen_by_number(book: StyleBook) -> None:
    assert torch.equal(book.centre("road", 1), book.centres[0, 1])
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


def test_what_is_usual_lies_around_the_mean_of_all_objects(book: StyleBook) -> None:
    ranges = book.ranges()
    drawn = torch.stack([book.random(seed).table for seed in range(400)])
    mean, spread = drawn.mean(0), drawn.std(0)
    # what lies outside of [-1, 1] is cut off
    usual = torch.stack([mean - 3 * spread, mean + 3 * spread], 1).clamp(-1, 1)
    torch.testing.assert_close(ranges[:2], usual[:2], atol=0.1, rtol=0)
    assert ranges[2].tolist() == [[-1] * book.mean.shape[1], [1] * book.mean.shape[1]]


def test_the_seed_decides(book: StyleBook) -> None:
    assert torch.equal(book.random(7).table, book.random(7).table)
    assert not torch.equal(book.random(7).table, book.random(8).table)
    state = torch.random.get_rng_state()
    book.random(7)
    assert torch.equal(state, torch.random.get_rng_state())


def test_a_file_gives_back_what_was_saved(book: StyleBook, encoder_module: Vid2VidModule, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "styles.safetensors"
    book.save(path)
    again = StyleBook.load(path)
    assert (again.labels, again.model) == (book.labels, book.model)
    for name in ("mean", "objects", "centres", "sizes", "weights", "means", "factors"):
        assert torch.equal(getattr(again, name), getattr(book, name))
    again.require_fit(encoder_module)
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_styles_of_another_model_are_refused(book: StyleBook, new_encoder: Callable[[], Vid2VidModule]) -> None:
    with pytest.raises(ConfigError, match="was made with another model"):
        book.require_fit(new_encoder())


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


@pytest.mark.parametrize("change", ["mean", "centres", "objects", "labels", "nan"])
def test_a_book_whose_parts_do_not_fit_is_refused(change: str, tmp_path: Path) -> None:
    one = torch.ones
    counts = {"objects": one(2, dtype=torch.int64), "sizes": one(2, 1, dtype=torch.int64)}
    parts = {"mean": one(2, 3), "centres": one(2, 1, 3), "weights": one(2, 2), "means": one(2, 2, 3)}
    book = StyleBook(**counts, **parts, factors=one(2, 2, 3, 3), labels=["a", "b"], model="m")
    book.save(tmp_path / "sound.safetensors")
    assert StyleBook.load(tmp_path / "sound.safetensors").labels == ["a", "b"]
    wrong: Any = {"labels": ["a"], "nan": one(2, 3) * torch.nan, "objects": one(2)}.get(change, one(2, 2))
    replace(book, **{"mean" if change == "nan" else change: wrong}).save(tmp_path / "a.safetensors")
    with pytest.raises(DataError, match="do not fit each other"):
        StyleBook.load(tmp_path / "a.safetensors")
