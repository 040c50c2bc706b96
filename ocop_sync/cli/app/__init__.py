"""The command line as a whole: its commands, options, exits, signals."""
