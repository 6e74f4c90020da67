"""Secrets of repositories, environments and organizations: written, hidden by others, held by others."""
