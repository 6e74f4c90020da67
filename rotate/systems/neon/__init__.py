"""Neon: the API keys that are issued, listed, proven and revoked there."""
