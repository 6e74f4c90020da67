"""The pretend Render."""
