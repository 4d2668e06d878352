"""What was seen: exchanges, how they are read, and nothing about what they mean.

Everything here is pure and total: damaged bytes become evidence of damage, never an exception.
"""
