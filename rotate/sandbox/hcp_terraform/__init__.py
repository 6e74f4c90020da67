"""The pretend HCP Terraform."""
