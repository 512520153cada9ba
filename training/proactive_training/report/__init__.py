"""One page of evaluations set beside each other: tables, curves, and what could not be measured."""
