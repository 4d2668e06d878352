"""Bytes: asking over the network, timing what comes back, and scheduling conversations.

This is the only layer that touches a socket; everything above it sees exchanges.
"""
