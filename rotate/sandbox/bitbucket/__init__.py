"""The pretend Bitbucket."""
