"""Adapters of the core operators, by family."""
