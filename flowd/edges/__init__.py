"""Where flowd meets the outside: the daemon process, its HTTP pages, its command line."""
