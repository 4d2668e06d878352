"""What a requirement, a probe and a conversation are, and the words they are described with."""
