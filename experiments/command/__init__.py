"""The command line: a file for each command, and beside it what that command shows."""
