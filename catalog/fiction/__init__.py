"""Make up what `catalog.fiction.generate` puts together: nothing here is real."""
