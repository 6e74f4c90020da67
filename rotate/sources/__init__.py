"""Who issues and revokes."""
