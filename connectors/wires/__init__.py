"""The last transport: the network, or a sandbox in this process. Every stage runs either way."""

from connectors.wires.guarded import GuardedWire
from connectors.wires.network import NetworkWire
from connectors.wires.sandbox import sandbox_wire

__all__ = ["GuardedWire", "NetworkWire", "sandbox_wire"]
