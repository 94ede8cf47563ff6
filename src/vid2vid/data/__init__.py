"""Data: from video files and renderers to clips.

Nothing is imported here: the processes that render or decode need no torch. The way in is
`vid2vid.data.data_module.Vid2VidDataModule`.
"""
