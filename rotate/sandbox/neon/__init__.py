"""The pretend Neon: its keys and its routes."""
