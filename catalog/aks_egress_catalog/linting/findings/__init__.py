"""What is wrong with an allow list, by the question that it answers.

``missing``: can the cluster live? ``entries``: what is each entry there for?
"""
