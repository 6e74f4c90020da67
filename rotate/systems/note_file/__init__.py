"""The note and the lock in files of this machine, where no GitHub and no other system keeps them."""
