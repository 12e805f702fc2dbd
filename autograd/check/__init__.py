"""Checking derivatives: numerical ones to compare with, and tested hypotheses that say what is wrong with a wrong."""
