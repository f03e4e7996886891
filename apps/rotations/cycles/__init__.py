"""The course of a cycle: it starts, is worked, and is handed over to those who come next.

`Cycle` says how a rotation runs in cycles, and `ChecklistItem` is its template. A `CycleRun` is one cycle (planned,
running, over): `outgoing` serve in it and hand over at its end, `incoming` take over. A `RunItem` is one thing to do.
Written by services.cycles and services.cycle_runs; when what is due is in `phases`, and who is on in `pairs`.
"""
