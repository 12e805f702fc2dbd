"""The graph as an object: to go through, to search, to measure, to compare, to write down and to read again."""
