"""Steps of F as graphs that run without torch: exported, described and run."""

from vid2vid.export.exported_step import ExportedStep
from vid2vid.export.step_description import StepDescription
from vid2vid.export.step_export import export_step

__all__ = ["ExportedStep", "StepDescription", "export_step"]
