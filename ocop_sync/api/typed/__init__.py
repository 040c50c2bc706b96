"""A small typed layer over aiohttp and pydantic; it knows nothing of this service.

An operation is a function with types. From its signature and its declaration come the
reading of a call, its refusals, the answer, and the OpenAPI document:

- `values`: the types of parameters and bodies, with bounds and the traps of JSON;
- `problem`: refusals as RFC 9457 has them, in two languages;
- `operation`: the declaration; `call`: what its function is given;
- `reading`, `body`: a call's parameters and body, read with bounds and at a pace;
- `answering`: the answer, conditional where it may be;
- `cursor`, `idempotency`: places in a list, keys of calls that may be repeated;
- `assemble`: an application of operations; `openapi`: their document.
"""
