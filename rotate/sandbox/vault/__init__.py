"""The pretend Vault."""
