"""A program of somebody's own, which puts the key where nothing else here does."""
