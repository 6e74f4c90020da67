"""The Neon CLI: profiles that hold an API key."""
