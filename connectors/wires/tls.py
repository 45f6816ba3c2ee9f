"""TLS as every wire uses it: certificates are always verified, and an upstream may ask for one of ours."""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx2


@dataclass(frozen=True, kw_only=True)
class ClientCertificate:
    """Who we are to an upstream that asks for a certificate (mutual TLS; RFC 8446, section 4.4.2).

    `certificate` is the path of a PEM file; it may hold the chain, and the key too. `key` is the key's file where it
    does not, `password` opens an encrypted key.
    """

    certificate: str
    key: str | None = None
    password: str | None = field(default=None, repr=False)


def tls_context(client: ClientCertificate | None, protocols: Sequence[str]) -> ssl.SSLContext:
    """TLS that trusts whom the machine (or `SSL_CERT_FILE`) trusts, and offers `protocols` (ALPN, RFC 7301).

    Raises `OSError`, of which `ssl.SSLError` is one, where the files of `client` are no certificate with its key.
    """
    context = httpx2.create_ssl_context()
    context.set_alpn_protocols(list(protocols))
    if client:
        context.load_cert_chain(client.certificate, client.key, client.password or "")
    return context
