"""The pretend Gitea, which can be a Forgejo."""
