"""The pretend Woodpecker."""
