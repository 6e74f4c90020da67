"""The pretend Netlify."""
