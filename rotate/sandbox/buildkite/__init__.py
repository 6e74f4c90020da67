"""The pretend Buildkite."""
