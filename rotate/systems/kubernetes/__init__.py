"""Kubernetes: keys of Secrets."""
