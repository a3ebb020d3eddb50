"""What is planted: one module for each kind of trace."""
