"""Jenkins: Secret text in the credentials of a folder or of the whole installation."""
