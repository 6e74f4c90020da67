"""Vercel: environment variables of projects, and those that a team shares between them."""
