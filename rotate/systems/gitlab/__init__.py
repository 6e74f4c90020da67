"""GitLab: CI/CD variables of projects, of groups and of an instance."""
