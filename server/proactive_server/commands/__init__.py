"""One module for each subcommand of ``proactive``; each is found through the entry-point group."""
