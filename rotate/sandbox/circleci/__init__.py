"""The pretend CircleCI."""
