"""The formats of recorded traffic: one module each, found by walking this folder.

A module has `detect(content)`, the iterator of the exchanges if the file has its format, else None; `NAME` as reports show it;
`DESCRIPTION` for the message about an unknown file; `SUFFIXES` of file names and `BEGINNINGS` of contents by which files
are found in folders; and `GENERIC`, true if it accepts files that another format knows better.
"""
