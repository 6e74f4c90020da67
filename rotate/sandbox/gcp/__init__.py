"""The pretend Google Cloud."""
