"""The rules over time. In come the events of ``history.json``, out come states, changes and upgrade plans.

``revisions`` has what the page said, commit by commit; ``changes`` and ``compare`` say in what two states differ;
``announced`` adds the 14-day hold; ``upgrade`` plans the way from one state to another; ``rule_card`` is one rule's
life.
"""
