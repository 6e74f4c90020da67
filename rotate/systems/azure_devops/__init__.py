"""Azure DevOps: variables of variable groups, as Azure Pipelines reads them."""
