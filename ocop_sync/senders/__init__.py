"""The ways that a notice goes: each sends one message, or says why it did not."""
