"""Tasks: each with a loader, a generator of questions, a reference graph, a metric and an objective."""

from tep_nb.task import object_counting, word_sorting

__all__ = ["object_counting", "word_sorting"]
