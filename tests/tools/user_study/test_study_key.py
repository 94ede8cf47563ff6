"""The key of a user study is written, read and refused."""

from pathlib import Path

import pytest

from vid2vid.errors import DataError
from vid2vid.tools.user_study import StudyKey
from vid2vid.tools.user_study.study_key import Match

KEY = StudyKey("Which?", ["ours", "theirs"], {str(i): Match("s", {f"a{i}": "ours", f"b{i}": "theirs"}) for i in (1, 2)})


def test_a_key_comes_back(tmp_path: Path) -> None:
    KEY.save(tmp_path / "key.json")
    assert StudyKey.load(tmp_path / "key.json") == KEY


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "is not the key of a comparison: Expecting"),
        ("[]", "is not the key of a comparison"),
        ("{}", "it has no 'format'"),
        ('{"format": "other"}', "its format is 'other'"),
        ('{"format": "vid2vid-comparison-1", "question": "", "models": []}', "it has no 'matches'"),
        (
            '{"format": "vid2vid-comparison-1", "question": "", "models": [], '
            '"matches": {"1": {"scene": "s", "models": {"a": "x", "b": "x"}}}}',
            "two files of two models",
        ),
    ],
)
def test_what_is_no_key_is_refused(content: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "key.json").write_text(content)
    with pytest.raises(DataError, match=reason) as caught:
        StudyKey.load(tmp_path / "key.json")
    assert str(tmp_path / "key.json") in str(caught.value)


def test_a_key_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"key\.json: there is no such file"):
        StudyKey.load(tmp_path / "key.json")
