"""All we know of GitHub. The only room that imports PyGithub."""
