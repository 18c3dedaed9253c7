"""The only place that knows IPython and ipywidgets: cells, magics, the studio."""
