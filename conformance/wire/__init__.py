"""Bytes: requests over the network, the times of their answers, and the schedule of conversations.

Only this room uses sockets; the others see exchanges.
"""
