"""The messages of errors: what is wrong and what to do."""

import pickle
from pathlib import Path

import pytest

from vid2vid import errors
from vid2vid.errors import (
    ConfigError,
    DataError,
    MissingExtraError,
    Vid2VidError,
    choose,
    file_at_fault,
    listed,
    require,
    why,
)


def test_every_error_can_be_caught_as_one() -> None:
    found = [e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, Exception)]
    assert len(found) > 5
    assert all(issubclass(error, Vid2VidError) for error in found)


def test_choosing_returns_what_is_known() -> None:
    assert choose("hinge", ["log", "hinge"], "objective.adversarial") == "hinge"


def test_choosing_names_the_key_the_nearest_and_all() -> None:
    with pytest.raises(ConfigError) as caught:
        choose("hing", ["log", "hinge"], "objective.adversarial")
    message = str(caught.value)
    assert message == "objective.adversarial='hing' is unknown. Did you mean 'hinge'? Choose one of: log, hinge."


def test_nothing_near_is_not_guessed() -> None:
    with pytest.raises(ConfigError, match=r"is unknown\. Choose one of: log, hinge"):
        choose("wasserstein", ["log", "hinge"], "objective.adversarial")


def test_an_optional_package_is_imported_or_its_extra_named() -> None:
    assert require("json", extra="none").dumps({}) == "{}"
    with pytest.raises(MissingExtraError, match=r"no_such_module is not installed.*pip install 'vid2vid\[hed\]'"):
        require("no_such_module", extra="hed")


def test_why_is_one_line_and_never_advises_to_load_unsafely() -> None:
    assert why(RuntimeError("first\nsecond")) == "first"
    assert why(EOFError()) == "EOFError"
    advice = pickle.UnpicklingError("Re-running with weights_only=False will likely succeed")
    assert "weights_only" not in why(advice)


@pytest.mark.parametrize("name", ["a.mp4", "b: c/a.mp4", "b: c: d"])
def test_the_file_at_fault_is_found_whatever_its_path(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    paths = [tmp_path / "b", path, tmp_path / "other"]
    assert file_at_fault(DataError(f"{path}: is bad: very."), paths) == (path, "is bad: very.")
    inside = DataError(f"{path / '3.png'}: is bad: very.")
    assert file_at_fault(inside, paths) == (path / "3.png", "is bad: very.")


@pytest.mark.parametrize("message", ["data.crop=[1]: bad.", "/elsewhere/a.mp4: bad: very."])
def test_other_messages_stay_whole(message: str) -> None:
    assert file_at_fault(DataError(message), [Path("/elsewhere/a")]) == (None, message)


def test_long_lists_are_cut_short() -> None:
    assert listed(["a", "b"], 2) == "a, b"
    assert listed(["a", "b", "c", "d"], 2) == "a, b and 2 more"
