"""Checks are found by what they look at."""

import re
from pathlib import Path

from vid2vid.tools.doctor import checks
from vid2vid.tools.doctor.checked_data import CheckedDataset, CheckedSequence, ReadableSequence
from vid2vid.tools.doctor.checks import check_files, check_frames, checks_of


def test_each_check_is_found_once_by_its_subject() -> None:
    found = [checks_of(subject) for subject in (CheckedSequence, ReadableSequence, CheckedDataset)]
    assert check_files.file_lengths in found[0]
    assert check_files.file_sizes in found[1]
    assert check_frames.cuts in found[2]
    together = [check for some in found for check in some]
    assert len(together) == len(set(together)) == 37


def test_no_function_that_gives_findings_is_forgotten() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in Path(checks.__path__[0]).glob("check_*.py"))
    public = set(re.findall(r"^def ([a-z]\w*)\([^)]*\) -> Iterator\[Finding\]:", text, re.MULTILINE))
    subjects = (CheckedSequence, ReadableSequence, CheckedDataset)
    assert public == {check.__name__ for subject in subjects for check in checks_of(subject)}
