"""Where the tokens of users are kept: shared by processes, encrypted, and changed by compare-and-swap only."""
