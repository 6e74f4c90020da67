"""The pretend Doppler."""
