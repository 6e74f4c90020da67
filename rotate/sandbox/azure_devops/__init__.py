"""The pretend Azure DevOps."""
