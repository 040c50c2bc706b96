"""Help adapter authors: conformance tests, a memory marketplace, parts of mocks."""
