"""The paper's comparison at equal budgets: vid2vid, pix2pixHD, COVST, and vid2vid without each of its parts.

Run: ``python benchmarks/paper.py`` (about 4 hours on two cores), or, for a part of it, with ``--only street/vid2vid``.
Each training is a part of its own: a finished one is not repeated, and one that was killed resumes from its last
checkpoint. All variants of a data set have the same processor time, for which the number of batches is measured first
on the same machine. F and pix2pixHD have about as many parameters. The baselines get the same clips, image losses,
optimisers and running averages as vid2vid. At the end the models of a seed are evaluated on the same clips.
"""

from comparison.command import compare
from comparison.variants import SUBJECTS

if __name__ == "__main__":
    compare("paper", __doc__ or "", SUBJECTS, minutes=14)
