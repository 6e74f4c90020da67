"""The pretend Azure Key Vault, and the pretend Microsoft Entra ID that logs in to it."""
