"""A verb that serves a page, in a process of its own: its options, its processor time and its memory."""
