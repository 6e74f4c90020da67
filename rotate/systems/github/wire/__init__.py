"""Requests to GitHub: the connection, its pace, pages of lists, and what a refusal says."""
