"""Files of votes are read exactly, or refused with file and row."""

from pathlib import Path

import pytest

from vid2vid.errors import DataError
from vid2vid.tools.user_study import StudyKey, read_votes
from vid2vid.tools.user_study.study_key import Match

HEAD = "pair,left,right,choice,seconds,viewer\r\n"
KEY = StudyKey("Which?", ["ours", "theirs"], {str(i): Match("s", {f"a{i}": "ours", f"b{i}": "theirs"}) for i in (1, 2)})


def written(path: Path, *rows: str, encoding: str = "utf-8") -> list[Path]:
    path.write_bytes((HEAD + "".join(f"{row}\r\n" for row in rows)).encode(encoding))
    return [path]


def test_votes_are_unblinded(tmp_path: Path) -> None:
    first, second = read_votes(
        written(tmp_path / "v.csv", '2,b2,a2,left,3.25,"Bo, ""B"""', "1,a1,b1,left,0.5,Ann"), KEY
    )
    assert (first.pair, first.preferred, first.rejected, first.side) == ("2", "theirs", "ours", "left")
    assert (first.seconds, first.viewer) == (3.25, 'Bo, "B"')
    assert (second.preferred, second.rejected, second.viewer) == ("ours", "theirs", "Ann")


def test_files_that_a_spreadsheet_has_saved_are_read(tmp_path: Path) -> None:
    (vote,) = read_votes(written(tmp_path / "v.csv", "1,b1,a1,right,2,Ann", encoding="utf-8-sig"), KEY)
    assert (vote.preferred, vote.side) == ("ours", "right")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1,a1,b1,left,2", "has 5 values, but must have 6"),
        ("1,a1,b1,left,2,Ann,more", "has 7 values"),
        ("", "has 0 values"),
        ("3,a1,b1,left,2,Ann", "the key has no pair '3' of a1 and b1"),
        ("1,a1,b2,left,2,Ann", "the key has no pair '1' of a1 and b2; these votes belong to another comparison"),
        ("1,a1,a1,left,2,Ann", "the key has no pair '1' of a1 and a1"),
        ("1,a1,b1,A,2,Ann", "choice must be left or right, but is 'A'"),
        ("1,a1,b1,left,soon,Ann", "seconds must be a number of at least 0, but is 'soon'"),
        ("1,a1,b1,left,-1,Ann", "seconds must be"),
        ("1,a1,b1,left,nan,Ann", "seconds must be"),
        ("1,a1,b1,left,inf,Ann", "seconds must be"),
        ("1,a1,b1,left,2, ", "viewer is empty"),
    ],
)
def test_malformed_rows_are_named(row: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read_votes(written(tmp_path / "v.csv", "2,a2,b2,left,2,Ann", row), KEY)
    assert str(caught.value).startswith(f"{tmp_path / 'v.csv'}, row 3: {reason}")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "v.csv, row 1: must be pair,left"),
        (b"pair;left;right;choice;seconds;viewer\r\n", "v.csv, row 1: must be pair,left"),
        (HEAD.encode(), "v.csv: holds no vote"),
        (HEAD.encode() + b'1,a1,b1,left,2,"Ann', "v.csv: cannot be read as CSV, row 2 or before: unexpected end"),
        (HEAD.encode() + b"1,a1,b1,left,2,\xff\r\n", "v.csv: cannot be read as CSV"),
    ],
)
def test_malformed_files_are_named(content: bytes, reason: str, tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_bytes(content)
    with pytest.raises(DataError, match=reason):
        read_votes([tmp_path / "v.csv"], KEY)


def test_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"gone\.csv: cannot be read .*No such file"):
        read_votes([tmp_path / "gone.csv"], KEY)


def test_nobody_votes_twice(tmp_path: Path) -> None:
    one = written(tmp_path / "one.csv", "1,a1,b1,left,2,Ann", "2,a2,b2,left,2,Ann")
    two = written(tmp_path / "two.csv", "2,a2,b2,left,2,Bo", "2,b2,a2,left,2,Ann")
    with pytest.raises(DataError) as caught:
        read_votes(one + two, KEY)
    assert str(caught.value).startswith(f"{two[0]}, row 3: 'Ann' has voted on pair 2 already ({one[0]}, row 3)")
    with pytest.raises(DataError, match="already"):
        read_votes(one + one, KEY)
