"""Builds the chat model that the llama.cpp peer serves, so that no weights have to be downloaded or shipped.

    python -m tests.peers.tiny_model OUT.gguf           needs gguf; the same bytes every time

The model is a table, not a trained network: `next_scores()` says for each token how much it likes each
other token to follow, and eight attention heads each remember one thing about what came before. That is
enough to answer a question at some length, to count when asked to, to call a tool when tools are offered (a
grammar of the server shapes the arguments), twice when the prompt says "twice" and not when it says
"hello", to write what the suite asks to have written, to comment on a tool result, and to stop.
It follows no other instruction: what a run finds about that is about the model, never about the server.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import gguf  # type: ignore[import-not-found,unused-ignore]
import numpy as np  # type: ignore[import-not-found,unused-ignore]

from tests.peers.tiny_words import (
    AGENT_FINISH,
    AGENT_READS,
    ALONE,
    ANSWER,
    ARGUMENTS,
    BYTE,
    CALL,
    COMMENT,
    COUNT,
    CROWD,
    ECHO,
    END,
    END_CALL,
    END_TURN,
    FINISH,
    GET,
    GREET,
    KNOWN,
    NEWLINE,
    NORMAL,
    NUMBERS,
    READ,
    RESULT,
    SPACE,
    START,
    TEMPLATE,
    TOOLS,
    TWICE,
    vocabulary,
    words,
)

Matrix = Any

CONTEXT = 131_072  # room for several turns of agents, of which many a character is a token of its own
WIDTH, FEED_FORWARD, HEADS, HEAD_WIDTH = 864, 32, 8, 8
ROPE_BASE = 1e9  # the slowest pair of a head then hardly turns over the whole context
CONSTANT = WIDTH - 1  # this dimension is 1 in every embedding: what queries are made from
FLAG_SIZE = 0.1  # small, so that a raised flag leaves the normalisation alone
GAIN = math.sqrt(WIDTH / 2)  # what RMS normalisation turns each of an embedding's two ones into


def liked_pairs() -> Iterator[tuple[str, str, float]]:
    """(token, next token, score) wherever it is not the score that all tokens of a kind have."""
    for sentence in map(words, (ANSWER, COMMENT, NUMBERS)):
        yield from ((here, there, 12) for here, there in pairwise(sentence))
        # Where a grammar forbids to end before a call was made, the call comes next.
        yield from ((sentence[-1], END_TURN, 100), (sentence[-1], CALL, 45))
    yield from ((NEWLINE, "Hello!", 12), (NEWLINE, CALL, -10), (NEWLINE, "The", -13), (NEWLINE, "1", -13))
    yield from (("}", END_CALL, 9), (NEWLINE, END_CALL, 5))
    yield from ((CALL, NEWLINE, 130), (END_CALL, END_TURN, 15), (END_CALL, NEWLINE, 60))
    # Of several tools it likes a "get_..." best, so that a server that ignores a named choice does not go unseen.
    yield from (('"', GET, 3), ('"', READ, 2))
    # What it knows by heart begins only when a head says that it was asked for.
    yield from ((before, text[0], -40) for before in (":", SPACE) for text in ARGUMENTS)
    yield '"', FINISH, -40
    for text in (ECHO, *CROWD.values()):
        yield from ((NEWLINE, text[0], -40), (text[-1], END_TURN, 100))
    for text in KNOWN.values():
        yield from ((here, there, 12) for here, there in pairwise(text))
    # How JSON goes on, for the moments at which a grammar leaves a choice: soon to an end.
    yield from (('"', "Paris", 9), ("Paris", '"', 11), ('"', ":", 5), ('"', "}", 4), ('"', "]", 3), ('"', ",", 2))
    for opening in ("{", "[", ":", ",", SPACE):
        yield from ((opening, '"', 6), (opening, "true", 5), (opening, "1", 4), (opening, "null", 3))
    for value in (*"0123456789", "true", "false", "null", "]", "}"):
        yield from ((value, "}", 6), (value, "]", 5), (value, ",", 4), (value, END_TURN, 7))


def asked(text: tuple[str, ...]) -> dict[str, float]:
    """What having seen that a text is asked for adds to which next token."""
    added = {text[0]: 80.0}
    if text in (*AGENT_READS[1:], AGENT_FINISH):  # these are asked for when results are there already
        added |= {CALL: 90, "The": -60}
    return added | ({FINISH: 80} if text == AGENT_FINISH else {})


# What each head looks for, how brightly it shines, and what having seen it adds to which next token. A head sees the
# brightest only: of what is known by heart the last, which is what an agent was asked for last. The one that looks for
# calls counts them: of n calls and one start token it sees n/(n+1), and that tells one call from two.
MEMORIES: tuple[tuple[tuple[str, int, dict[str, float]], ...], ...] = (
    ((TOOLS, 1, {CALL: 32}),),
    ((RESULT, 1, {CALL: -40, "The": 30}),),
    ((GREET, 1, {CALL: -40}),),
    ((COUNT, 1, {"1": 30}),),
    ((TWICE, 1, {NEWLINE: 45, CALL: 25}),),
    ((CALL, 1, {NEWLINE: -150, CALL: -60}), (START, 1, {})),
    tuple((cue, brightness, asked(text)) for brightness, (cue, text) in enumerate(ALONE.items(), 1)),
    tuple((cue, 1, asked(text)) for cue, text in CROWD.items()),
)
ADDED = [added for head in MEMORIES for _, _, added in head]
FLAGS = range(CONSTANT - len(ADDED), CONSTANT)  # where the heads leave what they saw


def next_scores(ids: dict[str, int]) -> Matrix:
    """scores[token, next token]: how much the table likes that step."""
    scores = np.zeros((len(ids), len(ids)), np.float32)
    for text, kind in vocabulary().items():
        scores[:, ids[text]] = {NORMAL: 0, BYTE: -14}.get(kind, -60)
    scores[:, ids["The"]] = scores[:, ids["1"]] = -40
    scores[:, ids[NEWLINE]] = -120
    scores[:, ids[END_TURN]] = 5
    for char in ("\\", "-", "+", ".", SPACE):  # these only prolong a string or a number
        scores[:, ids[char]] = -10
    for first in (*(text[0] for text in KNOWN.values()), FINISH):  # a head adds to them wherever the model is
        scores[:, ids[first]] = -200
    scores[:, ids["<"]] = -60  # else it would spell <tool_call> instead of using its token
    for here, there, score in liked_pairs():
        scores[ids[here], ids[there]] = score
    return scores


def attention(ids: dict[str, int]) -> dict[str, Matrix]:
    """Query, key, value and output matrices of the heads in MEMORIES."""
    query, key, value = (np.zeros((HEADS * HEAD_WIDTH, WIDTH), np.float32) for _ in range(3))
    output = np.zeros((WIDTH, HEADS * HEAD_WIDTH), np.float32)
    flags = iter(FLAGS)
    for head, sights in enumerate(MEMORIES):
        first, slowest = head * HEAD_WIDTH, (head + 1) * HEAD_WIDTH - 2
        query[slowest, CONSTANT] = 0.5
        for row, (token, brightness, _) in enumerate(sights, first):
            key[slowest, ids[token]] = 0.5 * brightness
            value[row, ids[token]] = 1
            output[next(flags), row] = FLAG_SIZE / GAIN
    return {"attn_q": query, "attn_k": key, "attn_v": value, "attn_output": output}


def embeddings(ids: dict[str, int]) -> tuple[Matrix, Matrix]:
    """What a token becomes on the way in, and how scores are read off on the way out."""
    count = len(ids)
    assert count <= FLAGS.start, f"{count} tokens do not fit below the flags"
    inward = np.zeros((count, WIDTH), np.float32)
    inward[:, :count] = np.eye(count)
    inward[:, CONSTANT] = 1
    outward = np.zeros((count, WIDTH), np.float32)
    outward[:, :count] = next_scores(ids).T / GAIN
    for flag, added in zip(FLAGS, ADDED, strict=True):
        for token, score in added.items():
            outward[ids[token], flag] = score / (GAIN * FLAG_SIZE)
    return inward, outward


def tensors(ids: dict[str, int]) -> Iterator[tuple[str, Matrix]]:
    """Every tensor that a llama-architecture file needs; the feed-forward part does nothing."""
    inward, outward = embeddings(ids)
    yield from (("token_embd.weight", inward), ("output.weight", outward))
    for norm in ("blk.0.attn_norm", "blk.0.ffn_norm", "output_norm"):
        yield f"{norm}.weight", np.ones(WIDTH, np.float32)
    for name, matrix in attention(ids).items():
        yield f"blk.0.{name}.weight", matrix
    for name, shape in (
        ("gate", (FEED_FORWARD, WIDTH)),
        ("up", (FEED_FORWARD, WIDTH)),
        ("down", (WIDTH, FEED_FORWARD)),
    ):
        yield f"blk.0.ffn_{name}.weight", np.zeros(shape, np.float32)


def describe_network(writer: Any) -> None:
    """The sizes of the network, as GGUF metadata."""
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_key_length(HEAD_WIDTH)
    writer.add_value_length(HEAD_WIDTH)
    writer.add_rope_dimension_count(HEAD_WIDTH)
    writer.add_rope_freq_base(ROPE_BASE)
    writer.add_layer_norm_rms_eps(1e-6)


def describe_tokenizer(writer: Any, ids: dict[str, int]) -> None:
    """The tokens, those with a meaning of their own, and the chat template, as GGUF metadata."""
    writer.add_vocab_size(len(ids))
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([text.encode(errors="surrogateescape") for text in ids])
    writer.add_token_scores([-float(number) for number in ids.values()])
    writer.add_token_types(list(vocabulary().values()))
    writer.add_bos_token_id(ids[START])
    writer.add_eos_token_id(ids[END_TURN])
    writer.add_unk_token_id(ids["<unk>"])
    writer.add_pad_token_id(ids[END])
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(TEMPLATE.strip())


def build(path: Path) -> None:
    """Write the model to `path`."""
    ids = {text: number for number, text in enumerate(vocabulary())}
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny")
    describe_network(writer)
    describe_tokenizer(writer, ids)
    for name, values in tensors(ids):
        writer.add_tensor(name, values.astype(np.float16) if values.ndim == 2 else values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    build(Path(sys.argv[1]))
