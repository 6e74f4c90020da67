"""The pretend Vercel."""
