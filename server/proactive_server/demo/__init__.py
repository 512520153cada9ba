"""A real sitting on a small sample project, through the real server: what `proactive demo` plays."""
