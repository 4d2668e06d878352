"""What a run asks: one coroutine per conversation, found by walking this folder; probes name them as arguments."""
