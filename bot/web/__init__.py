"""Pages: the web chat for founders, the console for staff, health and metrics."""
