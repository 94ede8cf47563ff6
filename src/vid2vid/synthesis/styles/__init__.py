"""Styles: what objects look like, collected over a data set, and chosen from for a video (pix2pixHD, section 3.4)."""

from vid2vid.synthesis.styles.book import StyleBook
from vid2vid.synthesis.styles.choice import StyleChoice, choose_style
from vid2vid.synthesis.styles.collecting import collect_styles
from vid2vid.synthesis.styles.fitting import fit_styles
from vid2vid.synthesis.styles.sheet import style_sheet

__all__ = ["StyleBook", "StyleChoice", "choose_style", "collect_styles", "fit_styles", "style_sheet"]
