"""Claims about the pages in a real browser, with the network cut; `make browser` runs them."""
