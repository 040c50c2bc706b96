"""The parts that `catalog.fiction.generate` puts together: nothing here is real."""
