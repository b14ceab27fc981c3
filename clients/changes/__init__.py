"""Acting on senders at their vendors: plan → look → apply item by item → undo. The only way up, for people and commands alike.

`planning` freezes what is to happen, `applying` does just that, `undoing` makes a plan from what was before; `work` is what a
worker calls for whichever of the two is due.
"""
