"""Styles of objects: fitted to a data set, and chosen for a video (pix2pixHD, section 3.4)."""

from vid2vid.synthesis.styles.book import StyleBook
from vid2vid.synthesis.styles.choice import choose_style
from vid2vid.synthesis.styles.fitting import collect_styles, fit_styles

__all__ = ["StyleBook", "choose_style", "collect_styles", "fit_styles"]
