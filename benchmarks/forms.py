"""The two forms of F at equal budgets: the paper's layers and the efficient ones, on streets, a dancer and a face.

Run: ``python benchmarks/forms.py`` (about two hours on two cores), after ``vid2vid fetch all
output=data/samples``. Each training has the same processor time, for which the number of batches is measured first on
the same machine; data, losses, discriminators and optimisers are the same. The gradient runs through three frames with
the efficient form, and through one with the paper's, as each was tuned. A finished training is not repeated.
"""

from comparison.command import compare
from comparison.variants import FORMS

if __name__ == "__main__":
    compare("forms", __doc__ or "", FORMS, minutes=8)
