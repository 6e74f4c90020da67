"""The pretend world: real HTTP servers on loopback that behave as Neon and GitHub do.

Imports nothing else of `rotate`: a simulator that shares code shares bugs. Needs the extra `[sandbox]` (aiohttp).
Open it with `rotate.sandbox.world.World`, or run `python -m rotate.sandbox`.
"""
