"""Gitea and Forgejo: Actions secrets of repositories and of organizations."""
