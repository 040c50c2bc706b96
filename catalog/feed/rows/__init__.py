"""Rows: opened, told apart, read cell by cell, read twice."""
