"""Adapters of the extended operators, by family."""
