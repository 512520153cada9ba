"""ProactiveBench: labelled moments of real work, and the folders they are kept in."""
