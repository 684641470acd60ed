"""Leads containers to the stack: a function in Docker has a loopback interface of its own, with nothing on it.

The relay listens on Docker's bridge, on the ports of the stack, and takes connections from that bridge alone.
`python -m stack.relay ADDRESS NETWORK PORT...`
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import os
import socket
import subprocess
import sys

from . import processes
from .description import Stack
from .progress import Failed, say, wait_for
from .settings import ROOT

Network = ipaddress.IPv4Network


def start(stack: Stack) -> None:
    """Starts the relay where Docker answers; without Docker nobody needs it. Without the relay all but `sam local invoke` works."""
    bridge = _bridge()
    if bridge is None:
        return
    address, network = bridge
    ports = [str(port) for port in stack.ports.values()]
    env = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(ROOT / "sandbox")}
    log = stack.folder / "relay.log"
    server = processes.start("relay", [sys.executable, "-m", "stack.relay", address, str(network), *ports], env, log, stack.folder)
    stack.started(server)
    with contextlib.suppress(Failed):
        wait_for("relay", lambda: _listens(address, int(ports[-1])) or not processes.running(server), seconds=10)
    if not _listens(address, int(ports[-1])):
        say(f"The relay that `sam local invoke` needs did not come up, see {log}")


def _listens(address: str, port: int) -> bool:
    """Whether somebody takes connections there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((address, port)) == 0


def _bridge() -> tuple[str, Network] | None:
    """Address of this machine on Docker's default bridge, and the network that containers have theirs in."""
    try:
        done = subprocess.run(["docker", "network", "inspect", "bridge"], capture_output=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    for pool in json.loads(done.stdout)[0]["IPAM"]["Config"]:
        network = ipaddress.ip_network(pool["Subnet"])
        if isinstance(network, Network):
            # Docker takes the first address where nothing else is configured.
            return pool.get("Gateway") or str(network[1]), network
    return None


async def _serve(address: str, network: Network, ports: list[int]) -> None:
    """Relays until it is ended."""

    async def listen(port: int) -> asyncio.Server:
        async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            peer = ipaddress.ip_address(writer.get_extra_info("peername")[0])
            with contextlib.suppress(ConnectionError):
                if peer in network:
                    there = await asyncio.open_connection("127.0.0.1", port)
                    await asyncio.gather(_pump(reader, there[1]), _pump(there[0], writer))
            writer.close()

        return await asyncio.start_server(relay, address, port)

    servers = [await listen(port) for port in ports]
    await asyncio.gather(*(server.serve_forever() for server in servers))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Moves bytes in one direction until their end."""
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], ipaddress.IPv4Network(sys.argv[2]), [int(port) for port in sys.argv[3:]]))
