"""Repeated edit: the same replacement made twice by hand, and more of the same kind left."""

from proactive_inference.plays.repeated_edit.play import RepeatedEdit

__all__ = ["RepeatedEdit"]
