"""Cloudflare: secrets of Workers, variables of Pages, and secrets of the Secrets Store."""
