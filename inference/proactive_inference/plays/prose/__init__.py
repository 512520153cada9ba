"""Prose: a doubled word or a placeholder left in what was just written."""

from proactive_inference.plays.prose.play import Prose

__all__ = ["Prose"]
