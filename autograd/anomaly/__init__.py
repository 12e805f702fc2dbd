"""Anomalies: NaN, infinity, an array changed too late. Who made it, why, and what people do about it."""
