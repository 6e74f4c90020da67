"""The pretend Infisical."""
