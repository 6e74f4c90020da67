"""Azure Key Vault: secrets of a vault."""
