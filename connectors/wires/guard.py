"""Which addresses that a user gave us may be called: those of the public internet, and no others.

A webhook's target or the place of an imported description is a user's word. Left unchecked it reaches what only this
machine can reach: its own ports, the private network, the cloud's metadata service. A name is resolved once, every
address it has is checked, and the connection goes to one of those very addresses, so a name server that changes its
answer in between changes nothing (DNS rebinding). The base URLs of manifests are the operator's word and not subject
to this.

Sources: https://www.iana.org/assignments/iana-ipv4-special-registry,
https://www.iana.org/assignments/iana-ipv6-special-registry, https://url.spec.whatwg.org/#host-parsing
"""

import re
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import httpx2
from aiohappyeyeballs import AddrInfoType

from connectors.address import Origin
from connectors.wires.dialing import Resolve

Address = IPv4Address | IPv6Address

PUBLIC_V6 = IPv6Network("2000::/3")
"""The only part of IPv6 that is given out as global unicast; mapped, translated, local and multicast are outside."""

NOT_PUBLIC_V4 = (
    IPv4Network("0.0.0.0/8"),
    IPv4Network("10.0.0.0/8"),
    IPv4Network("100.64.0.0/10"),
    IPv4Network("127.0.0.0/8"),
    IPv4Network("168.63.129.16/32"),  # Azure's host, which answers for its machines
    IPv4Network("169.254.0.0/16"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.0.2.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv4Network("192.168.0.0/16"),
    IPv4Network("198.18.0.0/15"),
    IPv4Network("198.51.100.0/24"),
    IPv4Network("203.0.113.0/24"),
    IPv4Network("224.0.0.0/3"),  # multicast, reserved, broadcast
)

NOT_PUBLIC_V6 = (
    IPv6Network("2001::/23"),  # protocols' own, Teredo among them
    IPv6Network("2001:db8::/32"),
    IPv6Network("2002::/16"),  # 6to4
    IPv6Network("3fff::/20"),
)

TRANSLATED = IPv6Network("64:ff9b::/96")
"""NAT64: how a machine without IPv4 sees an IPv4 address, which is in the last 32 bits (RFC 6052)."""

PRIVATE = (
    IPv4Network("10.0.0.0/8"),
    IPv4Network("127.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv6Network("::1/128"),
    IPv6Network("fc00::/7"),
)
"""What development may want to call: this machine and the networks around it, not link-local or reserved addresses."""

METADATA = (IPv6Address("fd00:ec2::254"), IPv6Address("fd20:ce::254"))
"""Where AWS and Google Cloud answer inside `PRIVATE`; their other addresses are link-local."""

LOWEST_PORT = 1024
"""Besides 443. Below are other services, which are not to be greeted by us on a user's behalf."""

NAME = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
)
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


class AddressRefused(httpx2.ConnectError):
    """An address that a user gave is not one we call. Nothing was sent. The message holds no part of the address."""


class NotPublic(AddressRefused):
    """What a host's name stands for is not of the public internet."""


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet, whatever way it is written in."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in NOT_PUBLIC_V4)
    if address in TRANSLATED:
        return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    return address in PUBLIC_V6 and not any(address in network for network in NOT_PUBLIC_V6)


def is_private(address: Address) -> bool:
    """Whether an address is this machine's or of a private network, and nobody's metadata service."""
    return any(address in network for network in PRIVATE) and address not in METADATA


def checked(url: httpx2.URL | str, *, allow_private: bool = False) -> httpx2.URL:
    """An address, parsed, if its form is one that we call: HTTPS, no user name, a port of the web, a plain host.

    An IPv4 address is four decimal numbers; its other spellings (`0x7f.1`, `2130706433`) mean different things to
    different readers. With `allow_private`, HTTP and every port will do; what the host may be is for `guarded` to say.
    Raises `AddressRefused`.
    """
    try:
        url = httpx2.URL(url)
    except httpx2.InvalidURL:
        raise AddressRefused("the address is no URL") from None
    if url.scheme != "https" and not (allow_private and url.scheme == "http"):
        raise AddressRefused("the address must begin with https://")
    if url.userinfo:
        raise AddressRefused("the address must be without user name and password")
    port = 443 if url.port is None else url.port
    if port > 65535 or port == 0 or not (allow_private or port == 443 or port >= LOWEST_PORT):
        raise AddressRefused(f"the port must be 443, or {LOWEST_PORT} to 65535")
    host = url.raw_host.decode("ascii")
    if ":" in host:
        if "%" in host:
            raise AddressRefused("the host must be without a zone")
        return url
    name = host.removesuffix(".")
    if not NAME.fullmatch(name):
        raise AddressRefused("the host is no host name")
    if NUMBER.fullmatch(name.rpartition(".")[2]):
        try:
            IPv4Address(host)
        except ValueError:
            raise AddressRefused("the host must be a name, or an IPv4 address as four decimal numbers") from None
    return url


def guarded(resolve: Resolve, *, allow_private: bool = False) -> Resolve:
    """Name resolution that refuses a host where any of its addresses is not public.

    With `allow_private`, private addresses will do as well, and plain HTTP to this machine only.
    """

    def may_be_called(address: Address, scheme: str) -> bool:
        if scheme == "http":
            return allow_private and address.is_loopback
        return is_public(address) or (allow_private and is_private(address))

    async def resolve_and_check(origin: Origin) -> Sequence[AddrInfoType]:
        found = await resolve(origin)
        for family, _, _, _, where in found:
            if family not in (socket.AF_INET, socket.AF_INET6):
                raise NotPublic("the host has an address that is none of the internet's")
            if not may_be_called(ip_address(where[0]), origin[0]):
                raise NotPublic("the host's address is not public")
        return found

    return resolve_and_check
