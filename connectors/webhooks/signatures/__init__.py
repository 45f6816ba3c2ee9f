"""How senders sign: one module for each scheme. All of them compare in constant time, over the bytes as they came.

A check gets the delivery, the secrets that are good (several while one is replaced by another) and the Unix time now.
It raises `Unverified`.
"""
