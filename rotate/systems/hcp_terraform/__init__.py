"""HCP Terraform and Terraform Enterprise: variables of workspaces and of variable sets."""
