"""Findings in, files that are mended out: the smallest edits, and a sentence for each thing that was not done.

``plan`` makes changes of findings (``homes`` looks for the rule that a host belongs to), ``texts`` writes them into the
texts, by a module for each family of formats, and ``reread`` proves that the files say what they said, and the changes.
"""
