"""All that groups of settings share: their form, and which hosts are this computer."""

from ipaddress import ip_address

from pydantic import BaseModel, ConfigDict


class Group(BaseModel):
    """Settings that belong together: frozen, and without unknown keys."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )


def is_loopback(host: str) -> bool:
    """Say whether *host* is reached from this computer alone."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
