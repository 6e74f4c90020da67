"""Buildkite: secrets of clusters."""
