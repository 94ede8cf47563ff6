"""Findings are collected once, and errors of checks become findings."""

from pathlib import Path

import pytest

from vid2vid.errors import DataError
from vid2vid.tools.doctor import Finding
from vid2vid.tools.doctor.finding import Findings, count, error, of_failure, place

ODD = Finding("warning", "b.mp4", "is odd.", check="oddities")


def test_files_are_named_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert place(tmp_path / "data" / "a.mp4", 3) == str(Path("data") / "a.mp4") + ", frame 3"
    assert place(Path("/elsewhere/a.mp4")) == "/elsewhere/a.mp4"


def test_errors_name_the_file_that_they_are_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    failure = DataError(f"{tmp_path / 'b: c'}: is bad: very.")
    assert of_failure(failure, "the sequence 'a'", [tmp_path / "b: c"]) == error("b: c", "is bad: very.")
    assert of_failure(failure, "the sequence 'a'") == error("the sequence 'a'", str(failure))


def test_a_check_that_fails_hides_no_other() -> None:
    def failing(subject: str) -> list[Finding]:
        raise DataError(f"{subject} cannot be read.")

    findings = Findings()
    findings.run(failing, "it", "here")
    findings.run(lambda subject: [ODD], "it", "here")
    findings.run(failing, "it", "here")
    assert [finding.check for finding in findings.all] == ["failing", "<lambda>"]
    assert findings.all[0] == Finding("error", "here", "it cannot be read.", check="failing")


def test_other_errors_are_not_swallowed() -> None:
    def wrong(subject: str) -> list[Finding]:
        raise ZeroDivisionError(subject)

    with pytest.raises(ZeroDivisionError):
        Findings().run(wrong, "it", "here")


def test_what_is_counted_is_in_the_singular_or_plural() -> None:
    assert (count(1, "frame"), count(0, "frame"), count(3, "frame")) == ("1 frame", "0 frames", "3 frames")
