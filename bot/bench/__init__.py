"""Measuring: `./loket bench NAME`."""
