"""Which model people prefer: a page of blinded pairs of videos, and the count of the votes cast on it.

The page is one HTML file with its videos beside it; it needs no server and asks nothing of the network. What tells
whose a video is stays in a key outside the page's folder. Nothing here needs torch.
"""

from vid2vid.tools.user_study.comparison import compare
from vid2vid.tools.user_study.key import Key
from vid2vid.tools.user_study.scenes import Scene, gather
from vid2vid.tools.user_study.tally import Tally
from vid2vid.tools.user_study.votes import Vote, read_votes

__all__ = ["Key", "Scene", "Tally", "Vote", "compare", "gather", "read_votes"]
