"""A firewall's configuration. In comes a resolution, out come files, with a note for each rule of how faithful it is.

One module a target, in a room a family; ``formats`` knows them by name. Each says what its target can express
(``TARGET``). Values reach a file only through the target's own serializer or quoting function.
"""
