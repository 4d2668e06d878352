"""The faults, one module per area, in the order in which a user would meet them.

`caught_by` is a claim that the project's tests hold: exactly these probes fail when the fault is switched on.
"""
