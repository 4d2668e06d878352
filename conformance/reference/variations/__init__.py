"""The variations, one module per subject: forms that conforming providers really send.

That none of them costs a provider anything is a claim that the project's tests hold.
"""
