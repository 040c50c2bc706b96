"""Answers for people who look: accounts, alarms, runs, reasons. Nothing is changed."""
