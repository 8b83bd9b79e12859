"""The pages, one module each: what a view reads, which verb of the machinery it calls, which template it fills."""
