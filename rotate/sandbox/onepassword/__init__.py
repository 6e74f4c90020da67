"""The pretend 1Password Connect server."""
