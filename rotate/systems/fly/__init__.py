"""Fly.io: secrets of apps."""
