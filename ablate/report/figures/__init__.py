"""Findings -> matplotlib figures. Nothing here reads or writes a file."""
