"""Tools that change files. Their descriptions hold the marks that patches are written with: markup in a schema."""

from __future__ import annotations

from conformance.clients.agent_tools.parameters import nullable, of, record, text
from conformance.clients.talk import Tool

WRITE_TO_FILE = Tool(
    "write_to_file",
    """\
Write a file as a whole. If it exists it is replaced, if not it is created, together with the folders above it. The \
user sees the difference before it is kept and may change it; the result tells you what was kept in the end.

Use this tool for new files, and for files so short or so thoroughly rewritten that a patch would be harder to read \
than the result. For anything else use apply_diff: it is faster, it is cheaper, and it cannot lose a part of the file \
by accident.

ALWAYS give the complete text. What you leave out is gone: there is no merging, and lines such as `// the rest stays \
as it was`, `# ... unchanged ...` or `<!-- more here -->` are written into the file just as they stand. Do not wrap the \
text in a code fence, do not put line numbers in front of its lines, do not escape characters that need no escaping \
in the file itself. Keep the kind of line breaks and the last line break that the file had.

Parameters:
- path: (required) the file, relative to the workspace
- content: (required) everything that the file is to contain

Example: a new configuration
{ "path": "service.config.json", "content": "{\\n  \\"port\\": 8080,\\n  \\"workers\\": 4,\\n  \\"log\\": { \\"level\\": \
\\"info\\", \\"format\\": \\"json\\" }\\n}\\n" }""",
    record(
        path=text("File to write, relative to the workspace"),
        content=text("Everything the file is to contain: complete, without line numbers, nothing left out"),
    ),
)

PATCH = """\
Change parts of one existing file. You quote the lines that are there now, and the lines that are to stand in their \
place. All edits of one call are made together or not at all, so a file is never left half changed.

The quoted lines must be found EXACTLY as they are in the file: the same characters, the same blanks and tabs at the \
beginning of lines, the same empty lines. If you are not sure what the file contains at this moment, read it first: \
the user, a formatter or an earlier edit may have changed it since you saw it.

## Form

One or more blocks of this form, one after the other:

<<<<<<< SEARCH
:start_line:(number of the first quoted line in the file as it is now)
-------
(the lines as they are)
=======
(the lines as they should be)
>>>>>>> REPLACE

- `<<<<<<< SEARCH`, `=======` and `>>>>>>> REPLACE` each stand alone on their line, with seven signs and nothing \
before them.
- `:start_line:` is required in every block. It refers to the file before any edit of this call, so later blocks need \
no arithmetic.
- Quote as much as makes the place unmistakable and no more. Two or three lines around the change are usually enough; \
whole functions rarely are.
- To delete lines, leave the second half empty. To insert lines, quote a neighbouring line and repeat it in the second \
half.
- If the lines of the file look like the marks themselves, for instance in the middle of a merge conflict, put a \
backslash in front of them: `\\<<<<<<< HEAD`.
- Blocks must not overlap, and blocks should stand in the order of the file.

## Example

The file `geometry.py`, as read_file shows it:

1 | def area(boxes):
2 |     total = 0
3 |     for box in boxes:
4 |         total = total + box.width * box.height
5 |     return total
6 |
7 | def report(boxes):
8 |     print("Area: " + str(area(boxes)))

A patch that shortens the first function and uses a formatted string in the second:

<<<<<<< SEARCH
:start_line:2
-------
    total = 0
    for box in boxes:
        total = total + box.width * box.height
    return total
=======
    return sum(box.width * box.height for box in boxes)
>>>>>>> REPLACE

<<<<<<< SEARCH
:start_line:8
-------
    print("Area: " + str(area(boxes)))
=======
    print(f"Area: {area(boxes):,} px²")
>>>>>>> REPLACE

## When it fails

The result names the block that was not found, and shows the most similar lines with the share of characters that \
agree. Do not send the same block again. Read those lines, correct the quotation, and send all blocks of the call \
again, since none of them was applied. After two failures in a row for the same place, read the whole file."""

APPLY_DIFF = Tool(
    "apply_diff",
    PATCH,
    record(
        path=text("File to change, relative to the workspace"),
        diff=text(
            "One or more blocks: <<<<<<< SEARCH, :start_line:N, -------, the lines as they are, =======, the lines as they "
            "should be, >>>>>>> REPLACE"
        ),
    ),
)

GENERATE_IMAGE = Tool(
    "generate_image",
    """\
Make a picture from a description, or change an existing one, and store it in the workspace as PNG or JPEG. Use it \
when the user asks for an illustration, an icon or a placeholder, never for diagrams that could be written as text.

Describe what is to be seen rather than what it is for: the subject, its surroundings, the style, the light, the \
colours, the point of view. Say what must not be there. Text inside pictures comes out badly; leave it to the code.

Parameters:
- prompt: (required) the description, or what to change
- path: (required) where to store the picture, relative to the workspace; the ending decides on the format
- image: (optional) an existing picture to start from (png, jpg, gif or webp); null starts from nothing
- guidance: (optional) how closely to keep to the description, from 0.0 (freely) to 1.0 (to the letter)
- transparent: (required) whether the background is left transparent, which needs PNG

Example: a new picture
{ "prompt": "A lighthouse on a cliff at dawn, flat colours, thick outlines, no people", "path": \
"assets/lighthouse.png", "image": null, "guidance": 0.7, "transparent": false }""",
    record(
        prompt=text("What is to be seen, or what is to be changed"),
        path=text("Where to store the picture, relative to the workspace"),
        image=nullable(
            "string", "Existing picture to start from, relative to the workspace. Null starts from nothing."
        ),
        guidance=nullable("number", "How closely to keep to the description, from 0.0 to 1.0. Null leaves it open."),
        transparent=of("boolean", "Whether the background is left transparent; needs a path that ends in .png"),
    ),
)

TOOLS = (WRITE_TO_FILE, APPLY_DIFF, GENERATE_IMAGE)
