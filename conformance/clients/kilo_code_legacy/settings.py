"""The settings page of Kilo Code before its rebuild: Roo Code's, with another effect of Computer Use."""

from __future__ import annotations

from dataclasses import replace

from conformance.clients.roo_code.settings import SETTINGS as ROO_CODE

SETTINGS = replace(ROO_CODE, computer_use="Image Support counts instead")
