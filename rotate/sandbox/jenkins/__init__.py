"""The pretend Jenkins."""
