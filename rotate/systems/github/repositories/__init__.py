"""Which repositories there are, how they stand, and which of them a pattern means."""
