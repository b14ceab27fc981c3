"""Shuffles of an account's seeds: plan → dry run → confirm → sent once → read back → the files for the ESPs.

`asking` is what people ask for, `working` what a worker does with it, `scheduling` what happens each month, `rotating` the last
mile; `seedbook` knows which seeds were in use when, `mixing` what an order would do to them.
"""
