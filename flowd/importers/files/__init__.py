"""The connector `files`: a watched folder whose bank files are read, put away, or quarantined with the reason."""
