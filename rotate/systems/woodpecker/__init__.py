"""Woodpecker: secrets of repositories, of organizations and of a whole server."""
