"""Flow estimators: the reference flow w of Eq. 8 where the data does not bring it. Frozen, never in a checkpoint.

Nothing is imported here: `vid2vid.flow.store` needs no torch, nor do the processes that render streets with it.
"""
