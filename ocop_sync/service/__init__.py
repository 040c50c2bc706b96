"""The use cases, where catalog, engine, calls and store meet.

From the ground up: `deployment`, what all of them work with; `evaluate`, what follows
for a product; `decisions`, what people decide; `run`, one run at accounts; `observe`,
reading accounts; `send`, sending changes; `plan`; `sync`, the runs that are started;
`queries`, what people look at.
"""
