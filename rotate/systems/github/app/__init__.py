"""A GitHub App: its tokens, its installations, and what it may do there."""
