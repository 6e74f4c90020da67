"""The pretend Railway."""
