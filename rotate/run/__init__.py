"""The one loop with effects, what it looks with and acts with, and the only constructor."""
