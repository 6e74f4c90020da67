"""The pretend Heroku."""
