"""Doppler: secrets of a config."""
