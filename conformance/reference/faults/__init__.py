"""The faults, one module per area, in the order in which a user meets them.

`caught_by` names exactly the probes that fail when the fault is on; the tests check it.
"""
