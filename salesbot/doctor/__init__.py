"""``salesbot doctor``: looks at everything an installation needs, and names for each fault the one thing that mends it.

A check is a function of its own (``machine``, ``database``, ``accounts``, ``bot``, ``models``); ``checks`` lists them
in the order in which they are shown, ``run`` asks them all at the same time. Nothing is changed by looking: no session
is used that a process has, no update of the bot is taken.
"""
