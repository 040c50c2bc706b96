"""The runs that a person or a timer starts: sync, reconcile, a reviewed plan."""
