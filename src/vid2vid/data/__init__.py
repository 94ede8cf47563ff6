"""Data: from video files and renderers to clips.

Nothing is imported here, since the processes that render or decode need no torch. The entry point is
`vid2vid.data.data_module.Vid2VidDataModule`.
"""
