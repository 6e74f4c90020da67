"""The pretend Fly.io."""
