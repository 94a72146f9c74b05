"""Which address a leg's packets may come from: latched inside the SDP's address, then locked.

A stranger who guesses a port, or a caller who names somebody else's address, is counted and never heard.
"""
Address = tuple[str, int]


class SourceLatch:
    """One leg's source. `source` is the address that packets come from and go to, None before the first.

    The packet's host must be the SDP's. The SDP's own port locks at once; another port (a NAT between) is taken for a trial,
    may move once, and locks after `lock_after` packets.
    """

    __slots__ = ("_lock_after", "_moves", "_trial", "host", "locked", "port", "source", "stray")

    def __init__(self, host: str, port: int, lock_after: int = 10) -> None:
        self.host = host
        self.port = port
        self._lock_after = lock_after
        self._moves = 0
        self._trial = 0
        self.locked = False
        self.source: Address | None = None
        self.stray = 0

    def admit(self, address: Address) -> bool:
        """Judge a packet that is not from a locked source; False counts it as stray."""
        if address[0] != self.host:
            self.stray += 1
            return False
        if self.locked:
            if address[:2] == self.source:
                return True
            self.stray += 1
            return False
        if address[1] == self.port:
            self._lock(address)
            return True
        if self.source is None or self.source[1] != address[1]:
            if self.source is not None:
                if self._moves:
                    self.stray += 1
                    return False
                self._moves = 1
            self.source = (address[0], address[1])
            self._trial = 0
        self._trial += 1
        if self._trial >= self._lock_after:
            self._lock(address)
        return True

    def _lock(self, address: Address) -> None:
        self.source = (address[0], address[1])
        self.locked = True
