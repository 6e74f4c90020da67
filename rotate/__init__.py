"""neon-rotate: rotate a Neon API key without breaking anything, and prove that the old one is dead."""

__version__ = "0.1.0"
