"""Encryption at rest: AES-256-GCM, with a key from the environment and those before it."""

import hashlib
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES, NONCE_BYTES = 32, 12

HOW_TO_MAKE_ONE = "make one with: openssl rand -base64 32"


class Unreadable(Exception):
    """It was sealed with a key that is not here, for another place, or not by us."""


class Seal:
    """Seals with the first key and opens with any, so that keys can be changed: put the new one in front, `reseal`.

    What is sealed names its key by a hash. It opens only with the `place` it was sealed for, so that whoever can write
    to the database cannot move one user's secrets to another. Source: NIST SP 800-38D.
    """

    def __init__(self, keys: str) -> None:
        """`keys` are 32 random bytes each, in base64, separated by commas.

        Raises `ValueError` for anything else, quoting nothing of it.
        """
        found = [_key(text.strip()) for text in keys.split(",")]
        self._keys = {hashlib.sha256(b"punnet key id" + key).hexdigest()[:8]: key for key in found}
        self._newest = next(iter(self._keys))

    def seal(self, plain: bytes, place: str) -> str:
        nonce = secrets.token_bytes(NONCE_BYTES)
        cipher = AESGCM(self._keys[self._newest]).encrypt(nonce, plain, place.encode())
        return f"{self._newest}.{urlsafe_b64encode(nonce + cipher).decode('ascii')}"

    def open(self, sealed: str, place: str) -> bytes:
        """Raises `Unreadable`."""
        name, _, text = sealed.partition(".")
        if name not in self._keys:
            raise Unreadable("it was sealed with a key that is not in PUNNET_ENCRYPTION_KEY")
        try:
            content = urlsafe_b64decode(text)
            return AESGCM(self._keys[name]).decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], place.encode())
        except (InvalidTag, ValueError) as error:
            raise Unreadable("it has been altered") from error

    def is_newest(self, sealed: str) -> bool:
        """Whether it is sealed with the first key."""
        return sealed.startswith(f"{self._newest}.")


def _key(text: str) -> bytes:
    try:
        key = urlsafe_b64decode(text.replace("+", "-").replace("/", "_"))
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise ValueError(f"each key must be 32 bytes in base64 ({HOW_TO_MAKE_ONE})")
    return key
