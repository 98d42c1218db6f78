"""The analyst's desk: figures of a day kept as slices, asked by measure, breakdown and territory."""
