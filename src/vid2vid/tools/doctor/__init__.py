"""The doctor: examines a data set before a training and reports what is wrong with it."""

from vid2vid.tools.doctor.checked_data import CheckedDataset
from vid2vid.tools.doctor.clip_sheet import draw_sheet
from vid2vid.tools.doctor.doctor_report import DoctorReport
from vid2vid.tools.doctor.examination import DEFAULT_FRAMES, examine
from vid2vid.tools.doctor.finding import SEVERITIES, Finding

__all__ = ["DEFAULT_FRAMES", "SEVERITIES", "CheckedDataset", "DoctorReport", "Finding", "draw_sheet", "examine"]
