"""The evidence: exchanges and how they are read, without any judgement.

Everything here is pure and total: damaged bytes become evidence of damage, never an exception.
"""
