"""Model or provider: who falls short where tool calls do not come, or come as text, and which setting would mend it. Pure."""
