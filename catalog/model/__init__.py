"""The facts of the catalog as values: products, their producers, papers and sales."""
