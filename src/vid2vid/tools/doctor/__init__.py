"""The doctor: looks at a data set before it is trained on, and says in plain sentences what is wrong with it."""

from vid2vid.tools.doctor.examination import DEFAULT_FRAMES, examine
from vid2vid.tools.doctor.finding import SEVERITIES, Finding
from vid2vid.tools.doctor.report import Report
from vid2vid.tools.doctor.sheet import draw_sheet
from vid2vid.tools.doctor.study import Study

__all__ = ["DEFAULT_FRAMES", "SEVERITIES", "Finding", "Report", "Study", "draw_sheet", "examine"]
