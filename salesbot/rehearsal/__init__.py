"""A rehearsal: the real engine, store, guard and manners talk with simulated customers, on a clock that is turned, in a
chat that is memory. What the customers are, how it went and whether it was right are plain values; only ``stage`` and
``run`` do I/O."""
