"""PostgreSQL: one module per table, one function per question.

The connection is an argument, so that the caller owns the transaction; rows become frozen dataclasses through an
explicit ``from_row``. SQL stands nowhere else (but in ``sql/``).
"""
