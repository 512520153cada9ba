"""``python -m proactive_server`` is ``proactive``."""

from proactive_server.cli import main

main()
