"""Large files in pieces: tus 1.0.0 over WSGI, and the whole file by PUT. What arrives belongs to who sends it.

Knows no domain: a room says what it takes files for (`uses.register`), and consumes what is whole (`operations.ready`,
`operations.used`) by the same operation as any other way in. Not for: deciding what a file is (see the room).
"""
