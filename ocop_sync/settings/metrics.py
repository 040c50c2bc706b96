"""The settings of metrics: whether they are served, and where."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from ocop_sync.settings.group import Group, is_loopback


class MetricsSettings(Group):
    """Metrics for Prometheus, at a port of their own."""

    port: Annotated[int, Field(ge=0, le=65535)] | None = None
    """Port at which `serve` and `worker` tell their metrics: `/metrics`. None: nowhere.
    By default so, as two processes on one computer would take the same. 0: one that is
    free, which the log names."""

    host: Annotated[str, Field(min_length=1, max_length=253)] = "127.0.0.1"
    """Address of that port. By default this computer alone, as metrics ask for no
    key: they name accounts, and tell how much is sold and held there."""

    open_to_others: bool = False
    """Let `metrics.host` be an address that other computers reach. Off: such an address
    is refused, as a typing error would open metrics to everybody."""

    @model_validator(mode="after")
    def _be_on_this_computer(self) -> Self:
        if not self.open_to_others and not is_loopback(self.host):
            message = (
                "host: máy khác gọi được địa chỉ này mà không cần khóa; nếu đúng ý, đặt"
                " metrics.open_to_others = true / other computers reach this host"
                " without a key: if that is meant, set metrics.open_to_others = true"
            )
            raise ValueError(message)
        return self
