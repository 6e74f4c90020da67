"""Text files: one value of one is a destination."""
