"""The HTTP API: a driver of the use cases, as the command line is one.

A route parses, calls a use case and shows its typed value; it decides nothing. What is
not of this service stands in `typed/`, who asks in `access/`, each subject's routes in
a module of `routes/`, the words of errors in `problems`; `app` puts them together.
"""
