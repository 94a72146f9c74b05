"""SIP without sockets: bytes and the time go in; events, bytes to send and the next deadline come out.

Here live the message grammar (wrapping aiosipua), the RFC 3261 transactions, dialogs, digest, registrar and the
endpoint that joins them. What may not live here: sockets, clocks, logs, randomness, and any rule about who may call.
"""
