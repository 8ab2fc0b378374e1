-- What keeps a turn cheap, however much was said before. Oldest release tolerated while this runs: 0004's.

select 1; -- a file of comments alone is no statement, and stopped every start: goes with the first real one
