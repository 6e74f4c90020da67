"""Infisical: secrets in the folders of a project's environments."""
