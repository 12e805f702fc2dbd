"""The derivatives, one file a family. A rule is ordinary arithmetic: it knows neither the engine nor its caller."""
