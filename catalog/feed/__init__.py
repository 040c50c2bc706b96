"""Read and write the catalog as files."""
