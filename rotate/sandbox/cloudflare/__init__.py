"""The pretend Cloudflare."""
