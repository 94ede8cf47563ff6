"""The studio: a page on which label maps are painted and the synthesised video follows (extra ``studio``)."""
