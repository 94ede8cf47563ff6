"""Tables on the terminal."""

import json

import pytest

from vid2vid.cli.tables import print_rows, rows_text


def test_long_texts_go_on_below_themselves() -> None:
    lines = rows_text({"a": "word " * 40, "longer": "short"}).splitlines()
    assert [line[:8] for line in lines] == ["a       ", "        ", "longer  "]
    assert max(map(len, lines)) <= 120
    assert " ".join(" ".join(line[8:] for line in lines[:2]).split()) == ("word " * 40).strip()


def test_a_terminal_is_told_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    rows = {"labels": "car\x1b[2J, tree\nroad"}
    assert "\x1b" not in rows_text(rows)
    print_rows(rows, as_json=True)
    assert json.loads(capsys.readouterr().out) == rows
