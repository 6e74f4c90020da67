"""GitHub's issuer of identities, pretended."""
