"""Render: environment variables of services and of environment groups."""
