"""The regular look at what stands and is to be told, and its sending by the worker."""
