"""Bitbucket Cloud: variables of repositories, workspaces and deployment environments, as Pipelines reads them."""
