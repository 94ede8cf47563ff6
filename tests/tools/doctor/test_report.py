"""What the doctor says."""

import json
from pathlib import Path

import pytest

from vid2vid.errors import DataError
from vid2vid.tools.doctor import Finding, Report
from vid2vid.tools.doctor.finding import Ledger, of_failure, place

BAD = Finding("error", "a.mp4", "is broken.", "Mend it.", "opening")
ODD = Finding("warning", "b.mp4", "is odd.", check="oddities")
SMALL = Finding("note", "the data set", "is small.", check="amount")


@pytest.mark.parametrize(
    ("findings", "status", "strict", "verdict"),
    [
        ([], 0, 0, "This data set can be trained on."),
        ([SMALL], 0, 0, "This data set can be trained on."),
        ([SMALL, ODD], 0, 2, "This data set can be trained on, but look at the 1 warning first."),
        ([BAD, ODD, SMALL], 2, 2, "This data set should not be trained on yet: 1 error, named above."),
    ],
)
def test_the_verdict_is_that_of_the_gravest(findings: list[Finding], status: int, strict: int, verdict: str) -> None:
    report = Report(findings)
    assert (report.status(), report.status(strict=True)) == (status, strict)
    assert report.verdict() == verdict
    assert report.text().splitlines()[-1] == verdict


def test_strictly_warnings_count() -> None:
    assert Report([ODD, BAD]).verdict(strict=True).endswith("yet: 1 error and 1 warning, named above.")
    assert Report([ODD]).verdict(strict=True).endswith("yet: 1 warning, named above.")


def test_the_gravest_come_first_and_many_alike_are_cut_short() -> None:
    many = [Finding("warning", f"{i}.mp4", "is odd.", "Look.", "oddities") for i in range(9)]
    text = Report([SMALL, *many, BAD], {"looked_at": {"frames": 3, "frames_in_all": 9, "sequences": 2}}).text()
    lines = text.splitlines()
    heads = [line for line in lines if line.isupper() or line.startswith(("ERRORS", "WARNINGS", "NOTES"))]
    assert heads == ["ERRORS (1)", "WARNINGS (9)", "NOTES (1)"]
    assert "  - a.mp4: is broken. → Mend it." in lines
    assert sum("is odd." in line for line in lines) == 3
    assert "    … and 6 more of the kind 'oddities', listed in doctor.json" in lines
    assert "Looked at 3 of 9 frames in 2 sequences." in lines
    assert max(map(len, lines)) <= 110


def test_programs_read_all_of_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "doctor.json"
    Report([BAD, ODD], {"clips_per_epoch": 3}).save(path, strict=True)
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["format"] == "vid2vid-doctor-1"
    assert content["status"] == 2
    assert content["counts"] == {"error": 1, "warning": 1, "note": 0}
    assert content["clips_per_epoch"] == 3
    assert [Finding(**row) for row in content["findings"]] == [BAD, ODD]


def test_files_are_named_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert place(tmp_path / "data" / "a.mp4", 3) == str(Path("data") / "a.mp4") + ", frame 3"
    assert place(Path("/elsewhere/a.mp4")) == "/elsewhere/a.mp4"
    failure = of_failure(DataError(f"{tmp_path / 'a.mp4'}: is bad: very."), "the sequence 'a'")
    assert (failure.where, failure.what) == ("a.mp4", "is bad: very.")
    assert of_failure(DataError("data.crop=[1]: bad."), "somewhere").where == "somewhere"


def test_a_check_that_fails_hides_no_other() -> None:
    def failing(subject: str) -> list[Finding]:
        raise DataError(f"{subject} cannot be read.")

    ledger = Ledger()
    ledger.run(failing, "it", "here")
    ledger.run(lambda subject: [ODD], "it", "here")
    ledger.run(failing, "it", "here")
    assert [finding.check for finding in ledger.findings] == ["failing", "<lambda>"]
    assert ledger.findings[0] == Finding("error", "here", "it cannot be read.", check="failing")


def test_other_errors_are_not_swallowed() -> None:
    def wrong(subject: str) -> list[Finding]:
        raise ZeroDivisionError(subject)

    with pytest.raises(ZeroDivisionError):
        Ledger().run(wrong, "it", "here")
