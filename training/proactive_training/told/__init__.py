"""Trains the gate's told head: judged scenes, people's labels, and words distilled out of a sentence model."""
