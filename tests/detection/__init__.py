"""Detection, measured: defects that real servers have had, and how many of them a run notices and files where users look."""
