"""One module for each subcommand of ``proactive`` that trains or evaluates."""
