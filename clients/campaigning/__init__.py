"""Campaigns of our own making: `choosing` says where and from whom, `making` makes one, `starting` starts it, `sequence` says
its steps in words."""
