"""Reports: one HTML file that reads like a brief."""
