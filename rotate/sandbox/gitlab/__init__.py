"""The pretend GitLab."""
