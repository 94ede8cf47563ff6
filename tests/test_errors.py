"""The messages of errors: what is wrong and what to do."""

import pickle

import pytest

from vid2vid import errors
from vid2vid.errors import ConfigError, MissingExtraError, Vid2VidError, choose, require, why


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
