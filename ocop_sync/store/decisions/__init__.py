"""Questions that wait for a person, and persons' decisions."""
