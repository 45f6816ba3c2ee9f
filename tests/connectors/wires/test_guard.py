import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

import httpx2
import pytest
from aiohappyeyeballs import AddrInfoType
from hypothesis import given
from hypothesis import strategies as st

from connectors.address import Origin
from connectors.wires.guard import AddressRefused, checked, guarded, is_private, is_public

NOT_PUBLIC = [
    # this machine
    "127.0.0.1", "127.0.0.0", "127.1.2.3", "127.255.255.255", "0.0.0.0", "0.1.2.3", "::1", "::",
    # private networks
    "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255",
    "fc00::1", "fd12:3456:789a::1", "fdff:ffff::1", "fec0::1",
    # link-local
    "169.254.0.1", "169.254.255.255", "fe80::1", "fe80::1%eth0", "febf::1",
    # where clouds answer their machines
    "169.254.169.254", "169.254.170.2", "169.254.170.23", "100.100.100.200", "192.0.0.192", "168.63.129.16",
    "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254",
    # shared, reserved, for documentation, for measurement
    "100.64.0.1", "100.127.255.255", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.19.255.255", "198.51.100.7",
    "203.0.113.9", "192.88.99.1", "240.0.0.1", "255.255.255.254", "255.255.255.255", "2001:db8::1", "3fff::1",
    "100::1", "5f00::1",
    # multicast
    "224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1",
    # IPv4 in other clothes
    "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:169.254.169.254", "::ffff:a9fe:a9fe", "::ffff:10.0.0.1",
    "::ffff:0:127.0.0.1", "::127.0.0.1", "::7f00:1", "::ffff:8.8.8.8", "0:0:0:0:0:ffff:a9fe:a9fe",
    "64:ff9b::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::10.0.0.1", "64:ff9b:1::8.8.8.8",
    "2002:7f00:1::", "2002:a9fe:a9fe::", "2002:808:808::", "2002:a00:1::1",
    "2001::1", "2001:0:7f00:1::", "2001:0:4136:e378:8000:63bf:80ff:fffe", "2001:10::1", "2001:20::1",
]  # fmt: skip

PUBLIC = [
    "1.1.1.1", "8.8.8.8", "93.184.215.14", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
    "126.255.255.255", "128.0.0.0", "168.63.129.15", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0",
    "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255",
    "2606:4700:4700::1111", "2a00:1450:4001:81b::200e", "2001:4860:4860::8888", "2400:cb00::1", "64:ff9b::8.8.8.8",
]  # fmt: skip


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_what_is_not_of_the_public_internet_is_known(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_of_the_public_internet_is_known(address: str) -> None:
    assert is_public(ip_address(address))


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6), st.ip_addresses(v=6, network="2000::/3")))
def test_nothing_is_public_that_python_knows_to_be_special(address: IPv4Address | IPv6Address) -> None:
    special = (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or (address.is_reserved and address not in ipaddress.IPv6Network("64:ff9b::/96"))
    )

    assert not (is_public(address) and special)


@given(st.ip_addresses(v=4))
def test_a_translated_address_is_what_it_translates_to(address: IPv4Address) -> None:
    assert is_public(IPv6Address((0x64FF9B << 96) | int(address))) == is_public(address)


@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("127.0.0.1", True),
        ("10.1.2.3", True),
        ("172.20.0.2", True),
        ("192.168.1.1", True),
        ("::1", True),
        ("fd12::1", True),
        ("169.254.169.254", False),
        ("fd00:ec2::254", False),
        ("fe80::1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::ffff:127.0.0.1", False),
        ("8.8.8.8", False),
    ],
)
def test_development_may_call_private_networks_and_no_metadata(address: str, private: bool) -> None:
    assert is_private(ip_address(address)) == private


TAKEN = [
    "https://hooks.example.com/a?b=c#d", "https://hooks.example.com:443/", "https://hooks.example.com:8443/",
    "https://hooks.example.com:65535/", "https://HOOKS.Example.com", "https://hooks.example.com./", "https://xn--bcher-kva.de/",
    "https://bücher.de/", "https://a_b.example.com/", "https://localhost/", "https://8.8.8.8/", "https://[2001:4860:4860::8888]/",
    "https://1.2.3.4.example.com/", "https://127.0.0.1.nip.io/", "https://0xcafe.example/",
]  # fmt: skip

REFUSED = [
    # other schemes
    "http://hooks.example.com/", "ftp://hooks.example.com/", "file:///etc/passwd", "gopher://127.0.0.1:6379/_", "dict://a.example/",
    "javascript:alert(1)", "data:text/plain,a", "//hooks.example.com/", "/path", "", "hooks.example.com",
    # no host
    "https://", "https:///path", "https:/hooks.example.com", "https:hooks.example.com", "https://./", "https://../",
    # a user name
    "https://me@hooks.example.com/", "https://me:secret@hooks.example.com/", "https://hooks.example.com@127.0.0.1/",
    "https://hooks.example.com%2f@127.0.0.1/", "https://hooks.example.com\\@127.0.0.1/", "https://a@b:c@127.0.0.1/",
    # ports that are not the web's
    "https://hooks.example.com:0/", "https://hooks.example.com:22/", "https://hooks.example.com:25/",
    "https://hooks.example.com:80/", "https://hooks.example.com:1023/", "https://hooks.example.com:65536/",
    "https://hooks.example.com:99999/",
    # IPv4 spelled otherwise
    "https://2130706433/", "https://017700000001/", "https://0x7f000001/", "https://0x7f.0x0.0x0.0x1/", "https://0177.0.0.1/",
    "https://127.1/", "https://127.0.1/", "https://0/", "https://00.0.0.0/", "https://0x0/", "https://0x/", "https://127.0.0.1./",
    "https://256.256.256.256/", "https://1.2.3.4.5/", "https://08.8.8.8/", "https://3232235521/", "https://127.0.0.0x1/",
    "https://127。0。0。1。/", "https://425.510.425.510/", "https://0000.0000.0000.0001/", "https://127.0.0.01/",
    # no name that a name server knows
    "https://a..b/", "https://exa%6dple.com/",
    "https://%31%32%37.0.0.1/", "https://exam%0d%0aple.com/", "https://exa mple.com/",
    "https://-a.example/", "https://a-.example/", "https://" + "a" * 64 + ".example/",
    "https://" + "a." * 127 + "example/",
    "https://a,b.example/", "https://a!b.example/", "https://a*.example/", "https://a'b.example/",
    # zones
    "https://[fe80::1%25eth0]/", "https://[fe80::1%eth0]/", "https://[::1%25lo]/",
]  # fmt: skip


@pytest.mark.parametrize("url", TAKEN)
def test_addresses_of_the_web_are_taken(url: str) -> None:
    assert checked(url) == httpx2.URL(url)


@pytest.mark.parametrize("url", REFUSED)
def test_addresses_in_any_other_form_are_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        checked(url)


@pytest.mark.parametrize("url", ["http://localhost:8000/", "https://127.0.0.1:80/", "http://[::1]:9000/"])
def test_development_may_use_http_and_any_port(url: str) -> None:
    assert checked(url, allow_private=True) == httpx2.URL(url)


@pytest.mark.parametrize("url", ["ftp://localhost/", "http://me@localhost/", "http://0x7f.1/", "http://localhost:0/"])
def test_development_gets_no_more_than_that(url: str) -> None:
    with pytest.raises(AddressRefused):
        checked(url, allow_private=True)


def infos(*addresses: str) -> list[AddrInfoType]:
    """What a resolver answers."""
    families = [socket.AF_INET6 if ":" in address else socket.AF_INET for address in addresses]
    return [
        (family, socket.SOCK_STREAM, 6, "", (address, 443, 0, 0) if ":" in address else (address, 443))
        for family, address in zip(families, addresses, strict=True)
    ]


def answered(*addresses: str, scheme: str = "https", allow_private: bool = False) -> Sequence[AddrInfoType]:
    """What comes out of the guard when a host has these addresses."""

    async def resolve(origin: Origin) -> Sequence[AddrInfoType]:
        return infos(*addresses)

    return asyncio.run(guarded(resolve, allow_private=allow_private)((scheme, "hooks.example.com", 443)))


def test_a_host_with_public_addresses_is_called_at_these() -> None:
    assert answered("93.184.215.14", "2606:4700::1") == infos("93.184.215.14", "2606:4700::1")


@pytest.mark.parametrize("address", NOT_PUBLIC)
@pytest.mark.parametrize("others", [(), ("93.184.215.14",)])
def test_a_host_is_refused_for_any_of_its_addresses(address: str, others: tuple[str, ...]) -> None:
    with pytest.raises(AddressRefused) as caught:
        answered(*others, address)
    assert address not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "scheme", "taken"),
    [
        ("10.0.0.1", "https", True),
        ("10.0.0.1", "http", False),
        ("127.0.0.1", "http", True),
        ("::1", "http", True),
        ("93.184.215.14", "http", False),
        ("169.254.169.254", "https", False),
        ("169.254.169.254", "http", False),
    ],
)
def test_development_may_call_private_hosts_and_this_machine_over_http(address: str, scheme: str, taken: bool) -> None:
    if taken:
        assert answered(address, scheme=scheme, allow_private=True) == infos(address)
    else:
        with pytest.raises(AddressRefused):
            answered(address, scheme=scheme, allow_private=True)


def test_a_host_whose_addresses_are_of_another_kind_is_refused() -> None:
    async def resolve(origin: Origin) -> Sequence[AddrInfoType]:
        return [(socket.AF_UNIX, socket.SOCK_STREAM, 0, "", ("/run/docker.sock",))]

    with pytest.raises(AddressRefused):
        asyncio.run(guarded(resolve)(("https", "hooks.example.com", 443)))
