"""GitHub: secrets to write, the note and the lock, who runs and reads. The only room that imports PyGithub."""
