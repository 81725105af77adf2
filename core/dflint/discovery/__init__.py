"""Which files of a folder are Dockerfiles, and which the user does not want to see."""
