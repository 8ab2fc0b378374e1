"""A rehearsal: the real engine, store, guard and manners talk with simulated customers, on a clock that is turned, in a
chat that is memory. What the customers are, how it went and whether it was right are plain values; only ``world``,
``run`` and what those use of ``programs``, ``scratch`` and ``reader`` do I/O. ``replay`` and ``tryout`` are its
neighbours: a stored dialogue looked at again, and the real account with the operator alone."""
