"""/stats: what came of the dialogs, as a text and as a picture.

``period`` says which days are counted, ``figures`` what may be concluded, ``report`` reads it all, ``texts`` words it,
``picture`` has it drawn by ``draw``, a program of its own: the service never loads the library that draws.
"""
