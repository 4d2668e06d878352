"""Builds the chat model that the llama.cpp peer serves, so that no weights have to be downloaded or shipped.

    python tiny_model.py OUT.gguf           needs gguf; the same bytes every time

The model is a table, not a trained network: `next_scores()` says for each token how much it likes each
other token to follow, and six attention heads each remember one thing about what came before. That is
enough to answer a question at some length, to count when asked to, to call a tool when tools are offered (a
grammar of the server shapes the arguments), twice when the prompt says "twice" and not when it says
"hello", to comment on a tool result, and to stop.
It follows no other instruction: what a run finds about that is about the model, never about the server.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import gguf  # type: ignore[import-not-found,unused-ignore]
import numpy as np  # type: ignore[import-not-found,unused-ignore]

Matrix = Any

# Room for a request with twenty large tools: nearly every character is a token of its own.
CONTEXT = 65_536
WIDTH, FEED_FORWARD, HEADS, HEAD_WIDTH = 640, 32, 6, 8
ROPE_BASE = 1e9  # the slowest pair of a head then hardly turns over the whole context
CONSTANT = WIDTH - 1  # this dimension is 1 in every embedding: what queries are made from
FLAGS = range(CONSTANT - HEADS, CONSTANT)  # where the heads leave what they saw
FLAG_SIZE = 0.1  # small, so that a raised flag leaves the normalisation alone
GAIN = float(np.sqrt(WIDTH / 2))  # what RMS normalisation turns each of an embedding's two ones into

SPACE = "\u2581"  # how this kind of tokenizer spells a blank
NEWLINE = "<0x0A>"
START, END, TURN, END_TURN = "<s>", "</s>", "<|im_start|>", "<|im_end|>"
TOOLS, CALL, END_CALL, RESULT = "<tools>", "<tool_call>", "</tool_call>", "<tool_result>"
TWICE, GREET, COUNT = "twice", "hello", "Count"
NORMAL, UNKNOWN, CONTROL, USER_DEFINED, BYTE = 1, 2, 3, 4, 6

# No word may come up again in any sentence: the table knows only one successor for each.
ANSWER = (
    "Hello! I am a tiny model whose weights were set by hand, so every question gets this same reply; "
    "nothing here was ever learned, but each word comes out as one token and the text goes on long enough "
    "to watch it arrive, cut short, or stop early."
)
COMMENT = "The tool says that all is well."
NUMBERS = " ".join(map(str, range(1, 101)))

# What prompts with many tools mostly consist of. Read as one token each, such a prompt is half as long, and attention
# over it takes a quarter of the time; the model itself never writes them.
PROMPT_WORDS = (
    " the of to is it as and with this when only every out tool tools argument arguments line file workspace changes"
    " needed keep Use Give Show SEARCH REPLACE"
)
PROMPT_MARKS = (
    '"type": "function"',
    '"function": {',
    '"name": "',
    '"description": "',
    '"parameters": {',
    '"properties": {',
    '"required": ["',
    '"additionalProperties": false',
    '"type": "object"',
    '{"type": "string"',
    '{"type": "boolean"}',
    "-------",
    "=======",
    "<<<<<<<",
    ">>>>>>>",
)

TEMPLATE = """
{%- macro turn(role, text) %}<|im_start|>{{ role }}\n{{ text }}<|im_end|>\n{% endmacro -%}
{%- if tools %}
  {{- "<|im_start|>system\nFunctions to call:\n<tools>" }}
  {%- for tool in tools %}{{ "\n" + (tool | tojson) }}{% endfor %}
  {{- "\n</tools><|im_end|>\n" }}
{%- endif %}
{%- for message in messages %}
  {%- if message.role == "tool" %}
    {{- turn("user", "<tool_result>\n" + message.content + "\n</tool_result>") }}
  {%- elif message.tool_calls %}
    {{- "<|im_start|>assistant\n" + (message.content or "") }}
    {%- for call in message.tool_calls %}
      {{- "" if loop.first else "\n" }}
      {{- '<tool_call>\n{"name": "' + call.function.name + '", "arguments": ' }}
      {{- call.function.arguments if call.function.arguments is string else call.function.arguments | tojson }}
      {{- "}\n</tool_call>" }}
    {%- endfor %}
    {{- "<|im_end|>\n" }}
  {%- else %}
    {{- turn(message.role, message.content or "") }}
  {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{ "<|im_start|>assistant\n" }}{% endif %}
"""


def words(sentence: str) -> list[str]:
    """A sentence as tokens: each word with the blank before it."""
    first, *rest = sentence.split()
    return [first, *(SPACE + word for word in rest)]


def vocabulary() -> dict[str, int]:
    """Every token's text with its kind, in the order of the token ids."""
    tokens = {"<unk>": UNKNOWN, START: CONTROL, END: CONTROL, TURN: CONTROL, END_TURN: CONTROL}
    tokens |= {f"<0x{byte:02X}>": BYTE for byte in range(256)}
    tokens |= dict.fromkeys((TOOLS, CALL, END_CALL, RESULT, TWICE, GREET, COUNT), USER_DEFINED)
    tokens |= dict.fromkeys([*(f" {word}" for word in PROMPT_WORDS.split()), *PROMPT_MARKS], USER_DEFINED)
    tokens |= {chr(code): NORMAL for code in range(33, 127)} | {SPACE: NORMAL}
    for text in (*words(ANSWER), *words(COMMENT), *words(NUMBERS), "Paris", "true", "false", "null"):
        tokens.setdefault(text, NORMAL)
    return tokens


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
    yield '"', "g", 1
    # How JSON goes on, for the moments at which a grammar leaves a choice: soon to an end.
    yield from (
        ('"', "Paris", 9),
        ("Paris", '"', 11),
        ('"', ":", 5),
        ('"', "}", 4),
        ('"', "]", 3),
        ('"', ",", 2),
    )
    for opening in ("{", "[", ":", ",", SPACE):
        yield from ((opening, '"', 6), (opening, "true", 5), (opening, "1", 4), (opening, "null", 3))
    for value in (*"0123456789", "true", "false", "null", "]", "}"):
        yield from ((value, "}", 6), (value, "]", 5), (value, ",", 4), (value, END_TURN, 7))


# What each head looks for, what else shares its attention, and what its flag adds to which next token.
# The last head counts: of n calls and one start token it sees n/(n+1), and that tells one call from two.
MEMORIES: tuple[tuple[str, str | None, dict[str, float]], ...] = (
    (TOOLS, None, {CALL: 32}),
    (RESULT, None, {CALL: -40, "The": 30}),
    (GREET, None, {CALL: -40}),
    (COUNT, None, {"1": 30}),
    (TWICE, None, {NEWLINE: 45, CALL: 25}),
    (CALL, START, {NEWLINE: -150, CALL: -60}),
)


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
    scores[:, ids["<"]] = -60  # else it would spell <tool_call> instead of using its token
    for here, there, score in liked_pairs():
        scores[ids[here], ids[there]] = score
    return scores


def attention(ids: dict[str, int]) -> dict[str, Matrix]:
    """Query, key, value and output matrices of the heads in MEMORIES."""
    query, key, value = (np.zeros((HEADS * HEAD_WIDTH, WIDTH), np.float32) for _ in range(3))
    output = np.zeros((WIDTH, HEADS * HEAD_WIDTH), np.float32)
    for head, (token, rival, _) in enumerate(MEMORIES):
        first, slowest = head * HEAD_WIDTH, (head + 1) * HEAD_WIDTH - 2
        query[slowest, CONSTANT] = 0.5
        for seen in filter(None, (token, rival)):
            key[slowest, ids[seen]] = 0.5
        value[first, ids[token]] = 1
        output[FLAGS[head], first] = FLAG_SIZE / GAIN
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
    for flag, (_, _, added) in zip(FLAGS, MEMORIES, strict=True):
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
    writer.add_token_list([text.encode() for text in ids])
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
