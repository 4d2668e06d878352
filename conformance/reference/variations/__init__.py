"""The variations, one module per subject: forms that conforming providers really send.

No probe fails under a variation; the tests check it.
"""
