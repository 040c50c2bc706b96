"""Make up what `catalog.generate` puts together: nothing here is real."""
