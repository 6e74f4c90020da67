"""Heroku: config vars of apps."""
