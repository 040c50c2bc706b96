"""The skeleton of an adapter in a package of its own, as files to begin with."""
