"""Netlify: environment variables of sites, and those that all sites of an account share."""
