"""Provider-compatibility conformance suite: does an OpenAI-compatible endpoint work with the coding agents?"""

__version__ = "0.1.0"
