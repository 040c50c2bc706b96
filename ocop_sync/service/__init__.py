"""The use cases, where catalog, engine, calls and store meet.

From the ground up: `deployment`, the tools of all of them; `evaluate`, the evaluation
of a product; `decisions`, the decisions of people; `run`, one run at accounts;
`observe`, reading accounts; `send`, sending changes; `plan`; `sync`, the runs that are
started; `queries`, the views for people.
"""
