"""The pretend Kubernetes."""
