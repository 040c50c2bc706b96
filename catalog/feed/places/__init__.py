"""In which commune and province a row is, as far as it says so."""
