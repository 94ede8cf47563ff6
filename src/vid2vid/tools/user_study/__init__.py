"""A user study: a page of blinded pairs of videos on which viewers choose, and the results of their votes.

The page is one HTML file with its videos beside it; it needs no server and no network. The key, which model made each
video, is written outside of the page's folder. Nothing here needs torch.
"""

from vid2vid.tools.user_study.scenes import ComparedScene, gather_scenes
from vid2vid.tools.user_study.study_key import StudyKey
from vid2vid.tools.user_study.study_page import make_user_study
from vid2vid.tools.user_study.study_results import StudyResults
from vid2vid.tools.user_study.votes import Vote, read_votes

__all__ = ["ComparedScene", "StudyKey", "StudyResults", "Vote", "gather_scenes", "make_user_study", "read_votes"]
