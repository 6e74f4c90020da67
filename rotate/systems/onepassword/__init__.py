"""1Password: fields of items, through a Connect server."""
